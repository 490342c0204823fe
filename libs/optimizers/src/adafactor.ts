import type { GraphBuilder, Value } from '@temper/graph';
import { z } from 'zod';
import { weightDecay } from './fields.js';
import { defineOptimizer, defineRule, type UpdateInputs } from './optimizer.js';

interface AdafactorSettings {
  readonly clipThreshold: number;
  readonly decayRate: number;
  readonly scaleParameter: boolean;
}

/** transformers' eps: added to squared gradients, and the smallest scale of a parameter. */
const EPSILON = 1e-30;
const SMALLEST_SCALE = 1e-3;

const scalars = (step: number, { decayRate }: AdafactorSettings) => ({ beta2: 1 - step ** decayRate });

const square = (g: GraphBuilder, x: Value) =>
  g.op('Add', [g.op('Mul', [x, x]), g.scalar('float32', EPSILON)]);
const rootMeanSquare = (g: GraphBuilder, x: Value) =>
  g.op('Sqrt', [g.op('ReduceMean', [g.op('Mul', [x, x])], { keepdims: 0 })]);
/** β₂ old + (1 − β₂) new */
const averaged = (g: GraphBuilder, beta2: Value, before: Value, now: Value) =>
  g.op('Add', [
    g.op('Mul', [before, beta2]),
    g.op('Mul', [now, g.op('Sub', [g.scalar('float32', 1), beta2])]),
  ]);

/** p ← p (1 − lr·wd) − lr · u / max(1, RMS(u)/threshold), lr times max(1e-3, RMS(p)) with scaleParameter. */
function stepped(
  g: GraphBuilder,
  { param, learningRate, weightDecay: decay }: UpdateInputs<string, string>,
  update: Value,
  { clipThreshold, scaleParameter }: AdafactorSettings,
): Value {
  const c = (value: number) => g.scalar('float32', value);
  const scale = scaleParameter ? g.op('Max', [rootMeanSquare(g, param), c(SMALLEST_SCALE)]) : undefined;
  const rate = scale ? g.op('Mul', [learningRate, scale]) : learningRate;
  const excess = g.op('Max', [g.op('Div', [rootMeanSquare(g, update), c(clipThreshold)]), c(1)]);
  const kept = g.op('Mul', [param, g.op('Sub', [c(1), g.op('Mul', [rate, decay])])]);
  return g.op('Sub', [kept, g.op('Mul', [update, g.op('Div', [rate, excess])])]);
}

/** Shazeer & Stern: the mean squares of a matrix are the product of those of its rows and of its columns. */
const factored = defineRule({
  name: 'adafactor-factored',
  granularity: 'tensor',
  slots: { exp_avg_sq_row: { per: 'row' }, exp_avg_sq_col: { per: 'column' } },
  scalars,
  build(g, inputs, settings: AdafactorSettings) {
    const gradient = g.op('Mul', [inputs.grad, inputs.gradScale]);
    const squares = square(g, gradient);
    const mean = (x: Value, axis: number) => g.op('ReduceMean', [x, g.int64s(axis)], { keepdims: 1 });
    const { exp_avg_sq_row: row, exp_avg_sq_col: column } = inputs.slots;
    const rows = averaged(g, inputs.scalars.beta2, row, mean(squares, -1));
    const columns = averaged(g, inputs.scalars.beta2, column, mean(squares, -2));
    const ofRow = g.op('Sqrt', [g.op('Div', [rows, mean(rows, -2)])]);
    const update = g.op('Div', [g.op('Div', [gradient, ofRow]), g.op('Sqrt', [columns])]);
    return {
      param: stepped(g, inputs, update, settings),
      slots: { exp_avg_sq_row: rows, exp_avg_sq_col: columns },
    };
  },
});

/** Vectors have mean squares of each element. */
const whole = defineRule({
  name: 'adafactor',
  granularity: 'tensor',
  slots: { exp_avg_sq: { per: 'element' } },
  scalars,
  build(g, inputs, settings: AdafactorSettings) {
    const gradient = g.op('Mul', [inputs.grad, inputs.gradScale]);
    const squares = averaged(g, inputs.scalars.beta2, inputs.slots.exp_avg_sq, square(g, gradient));
    const update = g.op('Div', [gradient, g.op('Sqrt', [squares])]);
    return { param: stepped(g, inputs, update, settings), slots: { exp_avg_sq: squares } };
  },
});

/**
 * transformers.Adafactor with an external learning rate, as the Trainer's `optim="adafactor"` sets it up
 * (scale_parameter=False, relative_step=False): torch.optim.Adafactor scales the rate in its own way, and nobody's
 * recorded settings are for that.
 */
export const adafactor = defineOptimizer({
  summary: "transformers' Adafactor: mean squares by row and column, hardly any state",
  alsoCalled: ['adafactor_hf'],
  fields: {
    clipThreshold: z
      .number()
      .positive()
      .default(1)
      .describe('largest root mean square of the update of a parameter'),
    decayRate: z.number().lt(0).default(-0.8).describe('mean squares at step t decay by 1 − t to this power'),
    scaleParameter: z
      .boolean()
      .default(false)
      .describe('the learning rate is relative to the root mean square of the parameter'),
    ...weightDecay(0),
  },
  learningRateFactor: 1,
  rule: ({ shape }) => (shape.length >= 2 ? factored : whole),
});
