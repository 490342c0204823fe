import { fromBinary } from '@bufbuild/protobuf';
import { TemperError } from '@temper/contracts';
import { ops, type OpName } from '../ops/index.js';
import { toNumbers } from './data.js';
import { elementTypes } from './encode.js';
import { definitionOf } from './infer.js';
import {
  ModelProtoSchema,
  TensorProto_DataLocation,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx_pb.js';
import { GraphBuilder } from './builder.js';
import type { DataType, Dim, Graph, InitializerData, TypedArray, Value } from './types.js';

/**
 * Reads an ONNX file whose operators are in the table. Throws MODEL_CORRUPT where the bytes are not a model, OP_UNSUPPORTED naming
 * operator and node where one is unknown.
 */
export function decodeModel(bytes: Uint8Array): Graph {
  const graph = parse(bytes);
  const g = new GraphBuilder(graph.name);
  const values = new Map<string, Value>();
  const weights = new Set(graph.initializer.map((tensor) => tensor.name));
  for (const input of graph.input)
    if (!weights.has(input.name)) values.set(input.name, g.input(input.name, ...decodeType(input)));
  for (const tensor of graph.initializer) {
    const { name, dtype, shape, data } = decodeTensor(tensor);
    values.set(name, g.initializer(name, dtype, shape, data));
  }
  for (const node of graph.node) {
    const made = g.restore({
      op: knownOp(node),
      name: node.name,
      inputs: node.input.map((name) => (name === '' ? undefined : lookUp(values, name, node))),
      outputNames: node.output,
      attributes: decodeAttributes(node),
    });
    made.forEach((value, i) => values.set(node.output[i]!, value));
  }
  for (const output of graph.output) g.output(lookUp(values, output.name));
  return g.build();
}

function parse(bytes: Uint8Array) {
  try {
    const { graph } = fromBinary(ModelProtoSchema, bytes);
    if (graph) return graph;
  } catch (cause) {
    throw new TemperError('MODEL_CORRUPT', 'the bytes are not an ONNX model', { cause });
  }
  throw new TemperError('MODEL_CORRUPT', 'the ONNX model has no graph');
}

function lookUp(values: ReadonlyMap<string, Value>, name: string, node?: NodeProto): Value {
  const value = values.get(name);
  if (!value)
    throw new TemperError('MODEL_CORRUPT', {
      path: node ? `${node.opType} ${node.name}` : name,
      message: `${name} is used but never made`,
    });
  return value;
}

function knownOp(node: NodeProto): OpName {
  if (node.opType in ops && definitionOf(node.opType as OpName).domain === node.domain)
    return node.opType as OpName;
  throw new TemperError('OP_UNSUPPORTED', {
    path: `${node.opType} ${node.name}`,
    message: `the operator ${node.domain ? `${node.domain}.` : ''}${node.opType} is not supported`,
  });
}

const dataTypeOf = (code: number): DataType => {
  const entry = Object.entries(elementTypes).find(([, value]) => value === code);
  if (!entry) throw new TemperError('MODEL_CORRUPT', `element type ${code} is not supported`);
  return entry[0] as DataType;
};

function decodeType(info: ValueInfoProto): [DataType, Dim[]] {
  const type = info.type?.value;
  if (type?.case !== 'tensorType') throw new TemperError('MODEL_CORRUPT', `${info.name} is not a tensor`);
  const dims = type.value.shape?.dim ?? [];
  return [
    dataTypeOf(type.value.elemType),
    dims.map((dim, i) => {
      if (dim.value.case === 'dimValue') return Number(dim.value.value);
      return dim.value.case === 'dimParam' ? dim.value.value : `${info.name}_${i}`;
    }),
  ];
}

function decodeTensor(tensor: TensorProto) {
  const dtype = dataTypeOf(tensor.dataType);
  const shape = tensor.dims.map(Number);
  const named = { name: tensor.name, dtype, shape };
  if (tensor.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
    const data: InitializerData = {
      kind: 'external',
      location: entries.get('location') ?? '',
      offset: Number(entries.get('offset') ?? 0),
      length: Number(entries.get('length') ?? 0),
    };
    return { ...named, data };
  }
  return { ...named, data: { kind: 'inline' as const, data: elementsOf(tensor, dtype) } };
}

/** From raw bytes, or from the field of its type (other writers use those for small tensors). */
function elementsOf(tensor: TensorProto, dtype: DataType): TypedArray {
  const copy = new Uint8Array(tensor.rawData).buffer; // aligned for any element type
  switch (dtype) {
    case 'float32':
      return tensor.floatData.length ? Float32Array.from(tensor.floatData) : new Float32Array(copy);
    case 'int64':
      return tensor.int64Data.length ? BigInt64Array.from(tensor.int64Data) : new BigInt64Array(copy);
    case 'int32':
      return tensor.int32Data.length ? Int32Array.from(tensor.int32Data) : new Int32Array(copy);
    case 'int8':
      return tensor.int32Data.length ? Int8Array.from(tensor.int32Data) : new Int8Array(copy);
    case 'float16':
    case 'bfloat16':
      return tensor.int32Data.length ? Uint16Array.from(tensor.int32Data) : new Uint16Array(copy);
    case 'bool':
    case 'uint8':
      return tensor.int32Data.length ? Uint8Array.from(tensor.int32Data) : new Uint8Array(copy);
  }
}

function decodeAttributes(node: NodeProto): object {
  const kinds = definitionOf(node.opType as OpName).attributes as Record<string, string>;
  const result: Record<string, unknown> = {};
  for (const attribute of node.attribute) {
    if (attribute.t) {
      const { dtype, data } = decodeTensor(attribute.t);
      result['dtype'] = dtype;
      result['value'] = toNumbers((data as { data: TypedArray }).data, dtype)[0];
    } else result[attribute.name] = attributeValue(attribute, kinds[attribute.name]);
  }
  return result;
}

function attributeValue(attribute: AttributeProto, kind: string | undefined): unknown {
  switch (kind?.replace('required ', '')) {
    case 'int':
    case 'axis':
    case 'flag':
      return Number(attribute.i);
    case 'float':
      return attribute.f;
    case 'ints':
      return attribute.ints.map(Number);
    case 'dtype':
      return dataTypeOf(Number(attribute.i));
    default:
      return new TextDecoder().decode(attribute.s);
  }
}
