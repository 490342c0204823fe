/** Tensors, types and attributes of an ONNX file. */
import { isInside, TemperError } from '@temper/contracts';
import { elementTypes } from './encode.js';
import {
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataLocation,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx_pb.js';
import { bytesPerElement, type DataType, type Dim, type InitializerData, type TypedArray } from './types.js';

export interface DecodedTensor {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly data: InitializerData;
}

export type RawAttribute = number | string | readonly number[] | DecodedTensor;
export type RawAttributes = Readonly<Record<string, RawAttribute>>;

export function dataTypeOf(code: number): DataType {
  const entry = Object.entries(elementTypes).find(([, value]) => value === code);
  if (entry) return entry[0] as DataType;
  throw new TemperError('MODEL_CORRUPT', {
    path: 'the ONNX model',
    message: `element type ${code} is not supported`,
    allowed: Object.keys(elementTypes).join(', '),
  });
}

export function decodeType(info: ValueInfoProto): [DataType, Dim[]] {
  const type = info.type?.value;
  if (type?.case !== 'tensorType') throw new TemperError('MODEL_CORRUPT', `${info.name} is not a tensor`);
  if (!type.value.shape)
    throw new TemperError('GRAPH_INVALID', { path: info.name, message: 'an input of unknown rank' });
  const dims = type.value.shape.dim;
  return [
    dataTypeOf(type.value.elemType),
    dims.map((dim, i) => {
      if (dim.value.case === 'dimValue') return Number(dim.value.value);
      return (dim.value.case === 'dimParam' && symbolOf(info.name, dim.value.value)) || `${info.name}_${i}`;
    }),
  ];
}

/** Characters. Longer ones are no names, and slow to calculate with. */
const LONGEST_SYMBOL = 1000;

/** Without spaces (`past + 1`); undefined for a name of nothing. */
function symbolOf(path: string, text: string): string | undefined {
  const found = `${text.length} characters`;
  if (text.length > LONGEST_SYMBOL)
    throw new TemperError('GRAPH_INVALID', { path, message: 'a dimension of too long a name', found });
  return /[^\s+*-]/.test(text) ? text.replaceAll(/\s/g, '') : undefined;
}

export function decodeTensor(tensor: TensorProto): DecodedTensor {
  const dtype = dataTypeOf(tensor.dataType);
  const named = { name: tensor.name, dtype, shape: tensor.dims.map(Number) };
  if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL)
    return { ...named, data: { kind: 'inline', data: elementsOf(tensor, dtype) } };
  return { ...named, data: externalData(tensor) };
}

/** @throws TemperError MODEL_CORRUPT where it lies anywhere but in the model's own folder */
function externalData({ name, externalData: entries }: TensorProto): InitializerData {
  const given = new Map(entries.map(({ key, value }) => [key, value]));
  const location = given.get('location') ?? '';
  const [offset, length] = ['offset', 'length'].map((key) => Number(given.get(key) ?? 0)) as [number, number];
  const isCount = (x: number) => Number.isSafeInteger(x) && x >= 0;
  if (isInside(location) && !/^[a-z]:|\\/i.test(location) && isCount(offset) && isCount(length))
    return { kind: 'external', location, offset, length };
  throw new TemperError('MODEL_CORRUPT', {
    path: name,
    message: 'its data cannot be where the model says',
    found: `${location.slice(0, 200)} ${offset}+${length}`,
    allowed: 'bytes of a file in the folder of the model',
  });
}

/** From raw bytes, or from the field of its type (other writers use those for small tensors). */
function elementsOf(tensor: TensorProto, dtype: DataType): TypedArray {
  if (tensor.rawData.length % bytesPerElement[dtype] !== 0)
    throw new TemperError('MODEL_CORRUPT', {
      path: tensor.name,
      message: 'its bytes are no whole number of elements',
      found: `${tensor.rawData.length} bytes of ${dtype}`,
    });
  const copy = new Uint8Array(tensor.rawData).buffer; // aligned for any element type
  if (dtype === 'float32')
    return tensor.floatData.length ? Float32Array.from(tensor.floatData) : new Float32Array(copy);
  if (dtype === 'int64')
    return tensor.int64Data.length ? BigInt64Array.from(tensor.int64Data) : new BigInt64Array(copy);
  const array = arraysOfSmall[dtype];
  return tensor.int32Data.length ? array.from(tensor.int32Data) : new array(copy);
}

/** What is kept in int32_data. */
const arraysOfSmall = {
  int32: Int32Array,
  int8: Int8Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  bool: Uint8Array,
  uint8: Uint8Array,
} satisfies Record<Exclude<DataType, 'float32' | 'int64'>, unknown>;

/** By the kinds that the file gives them. */
export const decodeAttributes = (node: NodeProto): RawAttributes =>
  Object.fromEntries(node.attribute.map((attribute) => [attribute.name, attributeValue(attribute, node)]));

function attributeValue(attribute: AttributeProto, node: NodeProto): RawAttribute {
  if (attribute.t) return decodeTensor(attribute.t);
  switch (attribute.type) {
    case AttributeType.INT:
      return Number(attribute.i);
    case AttributeType.FLOAT:
      return attribute.f;
    case AttributeType.INTS:
      return attribute.ints.map(Number);
    case AttributeType.FLOATS:
      return attribute.floats;
    case AttributeType.STRING:
      return new TextDecoder().decode(attribute.s);
    default:
      throw new TemperError('OP_UNSUPPORTED', {
        path: `${node.opType} ${node.name}`,
        message: `attribute ${attribute.name} is of a kind that is not read`,
        found: AttributeType[attribute.type] ?? `${attribute.type}`,
        allowed: 'INT, FLOAT, INTS, FLOATS, STRING, TENSOR',
      });
  }
}
