/**
 * The parts that methods, families and tasks are made of: each compiles, and its gradients on ONNX Runtime agree with the reference
 * evaluator's (whose operators' gradients are checked by differences and against PyTorch).
 */
import { evaluateGraph, GraphBuilder, type DataType, type Value } from '@temper/graph';
import { differentiate } from '@temper/graph/autodiff/differentiate';
import { typedArray } from '@temper/graph/onnx/data';
import { numbers } from '@temper/graph/ops/cases';
import { expect, test } from 'vitest';
import { expectEqual, runOnOnnxRuntime, type TypedFeed } from './run.js';

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Makes inputs and weights of a part; what `trained` makes gets a gradient. */
class Part {
  readonly g = new GraphBuilder('part');
  readonly feeds: Record<string, TypedFeed> = {};
  readonly trainedValues: Value[] = [];
  private seed = 0;

  private feed(dtype: DataType, shape: readonly number[], data: readonly number[]): Value {
    const name = `x${Object.keys(this.feeds).length}`;
    this.feeds[name] = { dtype, shape, data };
    return this.g.input(name, dtype, shape);
  }
  trained(...shape: number[]): Value {
    const value = this.feed('float32', shape, numbers(size(shape), ++this.seed, -1, 1).map(Math.fround));
    this.trainedValues.push(value);
    return value;
  }
  ids(shape: readonly number[], below: number, dtype: 'int32' | 'int64' = 'int64'): Value {
    return this.feed(dtype, shape, numbers(size(shape), ++this.seed, 0, below).map(Math.floor));
  }
  given(dtype: DataType, shape: readonly number[], data: readonly number[]): Value {
    return this.feed(dtype, shape, data);
  }
  /** A frozen weight of that type, with its own elements. */
  frozen(dtype: DataType, shape: readonly number[], low: number, high: number): Value {
    const data = numbers(size(shape), ++this.seed, low, high);
    const whole = /int/.test(dtype) ? data.map(Math.floor) : data;
    return this.g.initializer(`w${this.seed}`, dtype, shape, {
      kind: 'inline',
      data: typedArray(dtype, whole),
    });
  }
  scalar(x: number): Value {
    return this.g.scalar('float32', x);
  }
}

const linear = ({ g }: Part, x: Value, w: Value) => g.op('FusedMatMul', [x, w], { transB: 1 });
const [OUT, IN, BLOCK] = [8, 64, 64];

/** One byte → two values: a row of a table of 256; then a scale for each block. */
function nf4(part: Part, scale: Value): Value {
  const { g } = part;
  const table = part.frozen('float32', [256, 2], -1, 1);
  const codes = g.op('Cast', [part.frozen('uint8', [(OUT * IN) / 2], 0, 256)], { to: 'int32' });
  const values = g.op('Reshape', [g.op('Gather', [table, codes]), g.int64s(-1, BLOCK)]);
  return g.op('Reshape', [g.op('Mul', [values, scale]), g.int64s(OUT, IN)]);
}

const parts: Record<string, (part: Part) => Value> = {
  'a linear layer of NF4 blocks'(part) {
    return linear(
      part,
      part.trained(3, IN),
      nf4(part, part.frozen('float32', [(OUT * IN) / BLOCK, 1], 0.1, 1)),
    );
  },
  'NF4 with scales that are quantised themselves'(part) {
    const { g } = part;
    const code = part.frozen('float32', [256], -1, 1);
    const bytes = g.op('Cast', [part.frozen('uint8', [(OUT * IN) / BLOCK, 1], 0, 256)], { to: 'int32' });
    const scale = g.op('Mul', [g.op('Gather', [code, bytes]), part.frozen('float32', [1, 1], 0.1, 1)]);
    return linear(part, part.trained(3, IN), nf4(part, g.op('Add', [scale, part.scalar(0.5)])));
  },
  'a weight kept as float16'(part) {
    const w = part.g.op('Cast', [part.frozen('float16', [OUT, IN], -1, 1)], { to: 'float32' });
    return linear(part, part.trained(2, 3, IN), w);
  },
  'a weight kept as bfloat16'(part) {
    const w = part.g.op('Cast', [part.frozen('bfloat16', [OUT, IN], -1, 1)], { to: 'float32' });
    return linear(part, part.trained(2, 3, IN), w);
  },
  'an embedding kept as bfloat16'(part) {
    const rows = part.g.op('Gather', [part.frozen('bfloat16', [11, 4], -1, 1), part.ids([2, 3], 11)]);
    return part.g.op('Mul', [part.g.op('Cast', [rows], { to: 'float32' }), part.trained(4)]);
  },
  'a weight kept as int8, a scale a row'(part) {
    const { g } = part;
    const scale = part.frozen('float32', [OUT], 0.001, 0.01);
    const w = g.op('DequantizeLinear', [part.frozen('int8', [OUT, IN], -128, 128), scale], { axis: 0 });
    return linear(part, part.trained(3, IN), w);
  },
  'scores with a soft cap'(part) {
    const { g } = part;
    const scores = g.op('FusedMatMul', [part.trained(2, 3, 4), part.trained(2, 3, 4)], {
      transB: 1,
      alpha: 5,
    });
    const capped = g.op('Mul', [g.op('Tanh', [g.op('Div', [scores, part.scalar(20)])]), part.scalar(20)]);
    return g.op('Softmax', [capped], { axis: -1 });
  },
  'attention to a window of the same segment, masked at run time'(part) {
    const { g } = part;
    const scores = g.op('FusedMatMul', [part.trained(1, 6, 4), part.trained(1, 6, 4)], { transB: 1 });
    const position = part.given('int32', [1, 6], [0, 1, 2, 0, 1, 2]);
    const segment = part.given('int32', [1, 6], [0, 0, 0, 1, 1, 1]);
    const across = (value: Value, op: 'Sub' | 'Equal') =>
      g.op(op, [g.op('Unsqueeze', [value, g.int64s(2)]), g.op('Unsqueeze', [value, g.int64s(1)])]);
    const distance = across(position, 'Sub');
    const isBefore = g.op('GreaterOrEqual', [distance, g.scalar('int32', 0)]);
    const isNear = g.op('LessOrEqual', [g.op('Abs', [distance]), g.scalar('int32', 1)]);
    const isSeen = g.op('And', [g.op('And', [isBefore, isNear]), across(segment, 'Equal')]);
    return g.op('Softmax', [g.op('Where', [isSeen, scores, part.scalar(-1e9)])], { axis: -1 });
  },
  'disentangled attention along relative positions'(part) {
    const { g } = part;
    const [q, k, positions] = [part.trained(2, 4, 3), part.trained(2, 4, 3), part.trained(8, 3)];
    const content = g.op('FusedMatMul', [q, k], { transB: 1 });
    const byPosition = g.op('FusedMatMul', [q, positions], { transB: 1 });
    const at = g.op('Expand', [
      part.given('int64', [1, 4, 4], [3, 2, 1, 0, 4, 3, 2, 1, 5, 4, 3, 2, 6, 5, 4, 3]),
      g.int64s(2, 4, 4),
    ]);
    const disentangled = g.op('GatherElements', [byPosition, at], { axis: -1 });
    return g.op('Softmax', [g.op('Add', [content, disentangled])], { axis: -1 });
  },
  'rotary positions of a part of the head'(part) {
    const { g } = part;
    const [turned, kept] = g.ops('Split', [part.trained(1, 2, 3, 8), g.int64s(4, 4)], { axis: -1 }, 2);
    const caches = [part.frozen('float32', [5, 2], -1, 1), part.frozen('float32', [5, 2], -1, 1)];
    const rotated = g.op('RotaryEmbedding', [turned, part.ids([1, 3], 5), ...caches]);
    return g.op('Concat', [rotated, kept], { axis: -1 });
  },
  'prefix keys in front of the others'(part) {
    const { g } = part;
    const prefix = g.op('Expand', [part.trained(1, 2, 2, 4), g.int64s(3, 2, 2, 4)]);
    const k = g.op('Concat', [prefix, part.trained(3, 2, 5, 4)], { axis: 2 });
    return g.op('FusedMatMul', [part.trained(3, 2, 5, 4), k], { transB: 1 });
  },
  'the last token of each row, found at run time'(part) {
    const { g } = part;
    const mask = part.given('int64', [2, 4], [1, 1, 1, 0, 1, 0, 0, 0]);
    const last = g.op(
      'ReduceMax',
      [g.op('Mul', [mask, g.op('CumSum', [mask, g.scalar('int64', 1)])]), g.int64s(1)],
      { keepdims: 0 },
    );
    const places = g.op('Sub', [last, g.scalar('int64', 1)]);
    const rows = g.op(
      'Concat',
      [g.constant('int64', [2, 1], [0, 1]), g.op('Unsqueeze', [places, g.int64s(1)])],
      { axis: 1 },
    );
    return g.op('GatherND', [part.trained(2, 4, 3), rows]);
  },
  'cosine similarities'(part) {
    const { g } = part;
    const unit = (x: Value) => {
      const length = g.op('ReduceL2', [x, g.int64s(-1)], { keepdims: 1 });
      return g.op('Div', [x, g.op('Max', [length, part.scalar(1e-8)])]);
    };
    return g.op('FusedMatMul', [unit(part.trained(3, 5)), unit(part.trained(3, 5))], {
      transB: 1,
      alpha: 20,
    });
  },
  'binary cross-entropy of logits'(part) {
    const { g } = part;
    const [logits, targets] = [
      part.trained(3, 4),
      part.given('float32', [3, 4], [1, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1]),
    ];
    return g.op('Sub', [g.op('Softplus', [logits]), g.op('Mul', [logits, targets])]);
  },
  'squared errors'(part) {
    const { g } = part;
    const error = g.op('Sub', [part.trained(5, 1), part.given('float32', [5, 1], [1, 2, -1, 0.5, 0])]);
    return g.op('ReduceSumSquare', [error, g.int64s(1)], { keepdims: 0 });
  },
  'preferences: −ln σ(β(chosen − rejected))'(part) {
    const { g } = part;
    const logs = g.op('LogSoftmax', [part.trained(4, 3, 7)], { axis: -1 });
    const labels = part.ids([4, 3, 1], 7);
    const tokens = g.op('Squeeze', [g.op('GatherElements', [logs, labels], { axis: -1 }), g.int64s(-1)]);
    const [chosen, rejected] = g.ops(
      'Split',
      [g.op('ReduceSum', [tokens, g.int64s(1)], { keepdims: 0 }), g.int64s(2, 2)],
      { axis: 0 },
      2,
    );
    const margin = g.op('Mul', [g.op('Sub', [chosen!, rejected!]), part.scalar(-0.1)]);
    return g.op('Softplus', [margin]);
  },
  'a focal loss'(part) {
    const { g } = part;
    const logs = g.op('LogSoftmax', [part.trained(4, 3)], { axis: -1 });
    const own = g.op('GatherElements', [logs, part.ids([4, 1], 3)], { axis: -1 });
    const rest = g.op('Sub', [part.scalar(1), g.op('Exp', [own])]);
    return g.op('Neg', [g.op('Mul', [g.op('Mul', [rest, rest]), own])]);
  },
  'label smoothing through ln Σ eˣ'(part) {
    const { g } = part;
    const logits = part.trained(4, 6);
    const normal = g.op('ReduceLogSumExp', [logits, g.int64s(-1)], { keepdims: 1 });
    return g.op('Sub', [normal, g.op('ReduceMean', [logits, g.int64s(-1)], { keepdims: 1 })]);
  },
};

test.each(Object.entries(parts))('%s', async (_, make) => {
  const part = new Part();
  const { g, trainedValues } = part;
  const y = make(part);
  const nodes = [...g.build().nodes];
  const shape = y.shape as number[];
  const dy = part.given('float32', shape, numbers(size(shape), 99, -1, 1).map(Math.fround));
  const gradients = differentiate({ g, nodes, seeds: new Map([[y, dy]]), wanted: trainedValues });
  trainedValues.forEach((value, i) => g.output(gradients.get(value)!, `gradient${i}`));
  g.output(y, 'y');
  const graph = g.build();
  const expected = evaluateGraph(graph, part.feeds);
  // A gradient of zeros would agree with anything that forgot it.
  for (const { data } of Object.values(expected))
    expect(Math.max(...data.map(Math.abs))).toBeGreaterThan(1e-4);
  expectEqual(await runOnOnnxRuntime(graph, part.feeds), expected, 1e-5);
});
