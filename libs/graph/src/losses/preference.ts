import type { GraphBuilder } from '../onnx/builder.js';
import type { Value } from '../onnx/types.js';
import type { Loss, LossInput, LossValues, TrainedLoss } from './loss.js';
import { besides, chosenAndRejected, pairInputs, sequenceGradient, sequenceSums } from './sequences.js';

/** What a pair costs by its margin, [pairs, 1] each. */
interface PairLoss {
  readonly losses: Value;
  /** d losses / d margin */
  readonly slopes: Value;
}
type Rule = (g: GraphBuilder, margin: Value, settings: Settings) => PairLoss;

/** −ln σ(β·margin), whose slope is −β·σ(−β·margin). */
const logistic: Rule = (g, margin, { beta }) => {
  const against = g.op('Mul', [margin, g.scalar('float32', -beta)]);
  return {
    losses: g.op('Softplus', [against]),
    slopes: g.op('Mul', [g.op('Sigmoid', [against]), g.scalar('float32', -beta)]),
  };
};

/** −(1−ε)·ln σ(β·margin) − ε·ln σ(−β·margin), whose slope is that without ε, and ε·β. */
const smoothed =
  (smoothing: number): Rule =>
  (g, margin, settings) => {
    const { losses, slopes } = logistic(g, margin, settings);
    const against = g.scalar('float32', smoothing * settings.beta);
    // −ln σ(−x) = −ln σ(x) + x
    return {
      losses: g.op('Add', [losses, g.op('Mul', [margin, against])]),
      slopes: g.op('Add', [slopes, against]),
    };
  };

/** (margin − 1/(2β))² */
const squared: Rule = (g, margin, { beta }) => {
  const error = g.op('Sub', [margin, g.scalar('float32', 1 / (2 * beta))]);
  return {
    losses: g.op('Mul', [error, error]),
    slopes: g.op('Mul', [error, g.scalar('float32', 2)]),
  };
};

const inputsOf = (logits: Value): Readonly<Record<string, LossInput>> => ({
  ...pairInputs(logits),
  reference: { dtype: 'float32', shape: ['pairs', 2] },
});

const sumOf = (g: GraphBuilder, of: Value): Value => g.op('ReduceSum', [of], { keepdims: 0 });

/** Of each sequence ln π(y|x) − ln π_ref(y|x), by its length where `mean` says so; what a pair costs is by their difference. */
function pairs(g: GraphBuilder, logits: Value, inputs: LossValues, rule: Rule, settings: Settings) {
  const sequences = sequenceSums(g, logits, inputs);
  const ratios = g.op('Sub', [sequences.sums, inputs.reference!]);
  const [chosen, rejected] = chosenAndRejected(
    g,
    settings.mean ? g.op('Div', [ratios, sequences.counts]) : ratios,
  );
  return { sequences, ratios, ...rule(g, g.op('Sub', [chosen, rejected]), settings) };
}

interface Settings {
  readonly beta: number;
  readonly mean?: true;
}

const referenced = (rule: Rule, settings: Settings): Loss => ({
  inputs: inputsOf,
  gradient(g, logits, inputs) {
    const { sequences, losses, slopes } = pairs(g, logits, inputs, rule, settings);
    const both = besides(g, slopes, g.op('Neg', [slopes]));
    const dSums = settings.mean ? g.op('Div', [both, sequences.counts]) : both;
    return { lossSum: sumOf(g, losses), dLogits: sequenceGradient(g, sequences, dSums, inputs) };
  },
  evaluation(g, logits, inputs) {
    const { losses, ratios } = pairs(g, logits, inputs, rule, settings);
    return { lossSum: sumOf(g, losses), losses, outputs: { logRatios: ratios } };
  },
});

/**
 * Σ over pairs of −ln σ(β·(ln π(y_w)/π_ref(y_w) − ln π(y_l)/π_ref(y_l))), with sums over each completion's tokens: equation 7 of Rafailov
 * et al. 2023, TRL's `sigmoid`. logits float [counted, vocabulary]; `reference` float [pairs, 2] has ln π_ref of the chosen and the
 * rejected. Evaluation gives ln π/π_ref of both as `logRatios` [pairs, 2].
 *
 * `smoothing` ε, of pairs that are the wrong way round with this probability: −(1−ε)·ln σ(β·m) − ε·ln σ(−β·m), Mitchell 2023
 * (A note on DPO with noisy preferences).
 */
export const dpoLoss = ({ beta, smoothing = 0 }: DpoSettings): Loss => ({
  ...referenced(smoothing ? smoothed(smoothing) : logistic, { beta }),
  // −ln σ(0), and the same on both sides of ε.
  atReference: { loss: Math.LN2, outputs: { logRatios: [0, 0] } },
});

interface DpoSettings {
  readonly beta: number;
  readonly smoothing?: number | undefined;
}

/**
 * Σ over pairs of (m − 1/(2β))² where m is the margin of DPO with means over each completion's tokens for its sums: equation 17 of Azar
 * et al. 2023 as TRL has it (`ipo`), whose 1/(2β) would be of the sums otherwise and depend on the lengths.
 */
export const ipoLoss = ({ beta }: { readonly beta: number }): TrainedLoss =>
  referenced(squared, { beta, mean: true });
