/** Models that nobody should send: each is refused in words, and none is read as something else. */
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { TemperError } from '@temper/contracts';
import { expect, test } from 'vitest';
import { evaluateGraph } from '../reference/evaluate.js';
import { decodeModel } from './decode.js';
import {
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  type AttributeProtoSchema,
  type GraphProtoSchema,
  type TensorProtoSchema,
} from './onnx_pb.js';

type Attribute = MessageInitShape<typeof AttributeProtoSchema>;
type Tensor = MessageInitShape<typeof TensorProtoSchema>;

const model = (graph: MessageInitShape<typeof GraphProtoSchema>, opset: bigint) =>
  toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      opsetImport: [{ domain: '', version: opset }],
      graph: { name: 'hostile', ...graph },
    }),
  );

/** y = op(x, …constants), x of float32. */
const one = (
  opType: string,
  dims: readonly (bigint | string)[],
  given: { attribute?: Attribute[]; initializer?: Tensor[]; opset?: bigint } = {},
) => {
  const { attribute = [], initializer = [], opset = 21n } = given;
  const dim = dims.map((value) =>
    typeof value === 'string'
      ? { value: { case: 'dimParam' as const, value } }
      : { value: { case: 'dimValue' as const, value } },
  );
  const type = { value: { case: 'tensorType' as const, value: { elemType: 1, shape: { dim } } } };
  const input = ['x', ...initializer.map(({ name }) => name!)];
  const node = { opType, name: 'it', input, output: ['y'], attribute };
  return model({ input: [{ name: 'x', type }], initializer, node: [node], output: [{ name: 'y' }] }, opset);
};
const ints = (name: string, ...int64Data: bigint[]): Tensor => ({
  name,
  dataType: 7,
  dims: [BigInt(int64Data.length)],
  int64Data,
});
const int = (name: string, i: bigint): Attribute => ({ name, type: AttributeType.INT, i });
const text = (name: string, s: string): Attribute => ({
  name,
  type: AttributeType.STRING,
  s: Buffer.from(s),
});
const tensor = (name: string): Attribute => ({ name, type: AttributeType.TENSOR, t: ints('t', 1n, 2n) });
const outside = (location: string, offset = '0'): Tensor => ({
  name: 'w',
  dataType: 1,
  dims: [3n],
  dataLocation: 1,
  externalData: Object.entries({ location, offset, length: '12' }).map(([key, value]) => ({ key, value })),
});
const sum = (letter: string) => Array.from({ length: 200 }, (_, i) => `${letter}${i}`).join('+');

test.each<[string, Uint8Array, string, RegExp]>([
  [
    'an attribute with a name of every object',
    one('Relu', [2n], { attribute: [int('constructor', 1n)] }),
    'GRAPH_INVALID',
    /^Relu it: unknown attribute constructor/,
  ],
  [
    'an attribute named __proto__',
    one('Relu', [2n], { attribute: [int('__proto__', 1n)] }),
    'GRAPH_INVALID',
    /^Relu it: unknown attribute __proto__/,
  ],
  [
    'a tensor for a number',
    one('Concat', [2n], { attribute: [tensor('axis')] }),
    'GRAPH_INVALID',
    /^Concat it: attribute axis has a wrong value; found a tensor/,
  ],
  [
    'a tensor that no operator reads',
    one('Exp', [2n], { attribute: [tensor('zzz')] }),
    'GRAPH_INVALID',
    /^Exp it: unknown attribute zzz/,
  ],
  [
    'a text for a tensor',
    model(
      {
        initializer: [ints('x', 2n)],
        node: [
          {
            opType: 'ConstantOfShape',
            name: 'it',
            input: ['x'],
            output: ['y'],
            attribute: [text('value', 'zero')],
          },
        ],
        output: [{ name: 'y' }],
      },
      21n,
    ),
    'OP_UNSUPPORTED',
    /^ConstantOfShape it: .*attribute value/,
  ],
  [
    'a negative length',
    one('Relu', [-5n, 3n]),
    'GRAPH_INVALID',
    /^x: no shape that a tensor has; found \[-5, 3\]/,
  ],
  ['a length that is not counted exactly', one('Relu', [2n ** 62n]), 'GRAPH_INVALID', /^x: no shape/],
  [
    'a product that is not',
    one('Reshape', [2n ** 30n, 2n ** 30n], { initializer: [ints('to', -1n)] }),
    'GRAPH_INVALID',
    /^Reshape it: no shape/,
  ],
  [
    'lengths that are negative twice',
    one('Add', [2n], { initializer: [{ name: 'w', dataType: 1, dims: [-1n, -2n], floatData: [1, 2] }] }),
    'GRAPH_INVALID',
    /^w: no shape/,
  ],
  [
    'a product of sums of many names',
    one('Reshape', [sum('a'), sum('b'), sum('c')], { initializer: [ints('to', -1n)] }),
    'GRAPH_INVALID',
    /product of too many sums/,
  ],
  [
    'a name of a megabyte',
    one('Relu', ['n'.repeat(1 << 20)]),
    'GRAPH_INVALID',
    /too long a name; found 1048576/,
  ],
  [
    'data above the folder',
    one('Add', [3n], { initializer: [outside('../../etc/passwd')] }),
    'MODEL_CORRUPT',
    /^w: its data cannot be where the model says/,
  ],
  [
    'data of another folder',
    one('Add', [3n], { initializer: [outside('/etc/passwd')] }),
    'MODEL_CORRUPT',
    /^w: /,
  ],
  [
    'data of another disk',
    one('Add', [3n], { initializer: [outside('C:\\secret')] }),
    'MODEL_CORRUPT',
    /^w: /,
  ],
  [
    'data before the file',
    one('Add', [3n], { initializer: [outside('w.bin', '-8')] }),
    'MODEL_CORRUPT',
    /^w: /,
  ],
  [
    'starts without ends',
    one('Slice', [4n, 4n], { initializer: [ints('s', 0n), ints('e', 1n, 1n), ints('a', 0n, 1n)] }),
    'GRAPH_INVALID',
    /^Slice it: not as many starts, ends and steps as axes/,
  ],
  [
    'an axis that an old Softmax has not',
    one('Softmax', [2n, 3n], { attribute: [int('axis', 7n)], opset: 11n }),
    'GRAPH_INVALID',
    /^Softmax it: attribute axis has a wrong value; found 7/,
  ],
  [
    'a text for the axis of an old Softmax',
    one('Softmax', [2n, 3n], { attribute: [text('axis', 'a')], opset: 11n }),
    'GRAPH_INVALID',
    /^Softmax it: attribute axis/,
  ],
  [
    'pads of an axis that there is not',
    one('Pad', [2n, 3n], {
      initializer: [ints('p', 1n, 1n), { name: 'v', dataType: 1, dims: [], floatData: [0] }, ints('a', -9n)],
    }),
    'OP_UNSUPPORTED',
    /^Pad it: .*an axis that there is not; found -9/,
  ],
  [
    'rows of a scalar',
    one('Gather', [], { initializer: [ints('i', 0n)] }),
    'GRAPH_INVALID',
    /^Gather it: a scalar/,
  ],
  [
    'two lengths of one TopK',
    one('TopK', [4n], { initializer: [ints('k', 1n, 2n)] }),
    'GRAPH_INVALID',
    /^TopK it: /,
  ],
])('%s is refused', (_, bytes, code, message) => {
  const start = performance.now();
  const error = (() => {
    try {
      return decodeModel(bytes);
    } catch (e) {
      return e;
    }
  })();
  expect(error).toBeInstanceOf(TemperError);
  expect((error as TemperError).code).toBe(code);
  expect((error as TemperError).message).toMatch(message);
  expect((error as TemperError).message.length).toBeLessThan(4096);
  expect(performance.now() - start).toBeLessThan(5000);
});

test('before opset 13 the axes from one on are one, whatever their lengths are called', () => {
  const attribute = [int('axis', 2n)];
  const graph = decodeModel(one('Softmax', ['b', 's', 't', 'u'], { attribute, opset: 11n }));
  const { y } = evaluateGraph(graph, { x: { shape: [2, 2, 2, 3], data: new Float64Array(24) } });
  expect(y!.shape).toEqual([2, 2, 2, 3]);
  for (const part of y!.data) expect(part).toBeCloseTo(1 / 6, 12);
});

test('a dimension with spaces in its name is the sum that it says', () => {
  const of = (name: string) => decodeModel(one('Relu', [name])).outputs[0]!.shape;
  expect(of('past + 1')).toEqual(of('past+1'));
  expect(of('')).toEqual(['x_0']);
});
