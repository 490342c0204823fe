import { create, toBinary } from '@bufbuild/protobuf';
import type { OpDefinition } from '../ops/definition.js';
import { typedArray } from './data.js';
import { definitionOf } from './infer.js';
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  type AttributeProto,
  type TensorProto,
} from './onnx_pb.js';
import type { DataType, Graph, Initializer, Node, TypedArray, Value } from './types.js';

/** ai.onnx 21 belongs to IR version 10; com.microsoft has only version 1. */
export const OPSET = 21;
const IR_VERSION = 10n;

export const elementTypes: Readonly<Record<DataType, TensorProto_DataType>> = {
  float32: TensorProto_DataType.FLOAT,
  float16: TensorProto_DataType.FLOAT16,
  bfloat16: TensorProto_DataType.BFLOAT16,
  int32: TensorProto_DataType.INT32,
  int64: TensorProto_DataType.INT64,
  bool: TensorProto_DataType.BOOL,
  uint8: TensorProto_DataType.UINT8,
  int8: TensorProto_DataType.INT8,
};

/** The ONNX file of a graph; external initializers stay references to their files. */
export function encodeModel(graph: Graph): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'temper',
    opsetImport: [
      { domain: '', version: BigInt(OPSET) },
      { domain: 'com.microsoft', version: 1n },
    ],
    graph: {
      name: graph.name,
      node: graph.nodes.map(encodeNode),
      input: graph.inputs.map(encodeType),
      output: graph.outputs.map(encodeType),
      initializer: [...graph.initializers.values()].map(encodeInitializer),
    },
  });
  return toBinary(ModelProtoSchema, model);
}

function encodeNode(node: Node) {
  const definition = definitionOf(node.op);
  return {
    name: node.name,
    opType: node.op,
    domain: definition.domain,
    input: node.inputs.map((value) => value?.name ?? ''),
    output: node.outputs.map((value) => value.name),
    attribute: encodeAttributes(definition, node.attributes),
  };
}

/** `dtype` and `value` of one operator are together ONNX's one-element tensor `value`. */
function encodeAttributes(definition: OpDefinition<object>, attributes: object): AttributeProto[] {
  const given = { ...attributes } as Record<string, number | string | readonly number[]>;
  const kinds = definition.attributes as Record<string, string>;
  if ('value' in kinds && 'dtype' in kinds) {
    const { dtype, value } = given as unknown as { dtype: DataType; value: number };
    const t = tensorProto({ dtype, shape: [1] }, typedArray(dtype, [value]));
    return [create(AttributeProtoSchema, { name: 'value', type: AttributeType.TENSOR, t })];
  }
  return Object.entries(given).map(([name, value]) => {
    switch (kinds[name]?.replace('required ', '')) {
      case 'int':
      case 'axis':
      case 'flag':
        return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value as number) });
      case 'float':
        return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value as number });
      case 'ints':
        return create(AttributeProtoSchema, {
          name,
          type: AttributeType.INTS,
          ints: (value as readonly number[]).map(BigInt),
        });
      case 'dtype':
        return create(AttributeProtoSchema, {
          name,
          type: AttributeType.INT,
          i: BigInt(elementTypes[value as DataType]),
        });
      default:
        return create(AttributeProtoSchema, {
          name,
          type: AttributeType.STRING,
          s: new TextEncoder().encode(value as string),
        });
    }
  });
}

function encodeType({ name, dtype, shape }: Value) {
  return {
    name,
    type: {
      value: {
        case: 'tensorType' as const,
        value: {
          elemType: elementTypes[dtype],
          shape: {
            dim: shape.map((dim) => ({
              value:
                typeof dim === 'number'
                  ? { case: 'dimValue' as const, value: BigInt(dim) }
                  : { case: 'dimParam' as const, value: dim },
            })),
          },
        },
      },
    },
  };
}

function encodeInitializer({ value, data }: Initializer): TensorProto {
  if (data.kind === 'inline') return tensorProto(value, data.data);
  return create(TensorProtoSchema, {
    ...header(value),
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: data.location },
      { key: 'offset', value: `${data.offset}` },
      { key: 'length', value: `${data.length}` },
    ],
  });
}

type Header = Pick<Value, 'dtype' | 'shape'> & { name?: string };

const header = ({ name, dtype, shape }: Header) => ({
  ...(name !== undefined && { name }),
  dataType: elementTypes[dtype],
  dims: shape.map((dim) => BigInt(dim)),
});

const tensorProto = (type: Header, data: TypedArray): TensorProto =>
  create(TensorProtoSchema, {
    ...header(type),
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  });
