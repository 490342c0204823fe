import type { GraphBuilder } from '../onnx/builder.js';
import type { Value } from '../onnx/types.js';
import type { TrainedLoss } from './loss.js';
import { besides, chosenAndRejected, pairInputs, sequenceGradient, sequenceSums } from './sequences.js';

/** ln p of a whole completion is below 0 by this much at least: odds p / (1 − p) of p = 1 are no number. */
const LEAST = 1e-6;

/**
 * Σ over pairs of −m_w − β·ln σ(ln odds(y_w) − ln odds(y_l)) with m = the mean of ln p over a completion's tokens and odds = eᵐ / (1 − eᵐ):
 * equations 3 to 7 of Hong et al. 2024, β their λ. Both parts are means over pairs, so sums over micro-batches add up. TRL's first part
 * is a mean over the tokens of the batch's chosen texts, prompts included; its second one is the same. No reference model.
 * logits float [counted, vocabulary].
 */
export const orpoLoss = ({ beta }: { readonly beta: number }): TrainedLoss => ({
  inputs: pairInputs,
  gradient(g, logits, inputs) {
    const sequences = sequenceSums(g, logits, inputs);
    const means = g.op('Min', [g.op('Div', [sequences.sums, sequences.counts]), g.scalar('float32', -LEAST)]);
    const rest = g.op('Sub', [g.scalar('float32', 1), g.op('Exp', [means])]);
    const logOdds = g.op('Sub', [means, g.op('Log', [rest])]);
    const [chosen, rejected] = chosenAndRejected(g, logOdds);
    const against = g.op('Sub', [rejected, chosen]);
    const [chosenMean] = chosenAndRejected(g, means);
    const weighted = g.op('Mul', [g.op('Softplus', [against]), g.scalar('float32', beta)]);
    const losses = g.op('Sub', [weighted, chosenMean]);
    // d ln odds / d m = 1 + eᵐ / (1 − eᵐ) = 1 / (1 − eᵐ)
    const slope = g.op('Mul', [g.op('Sigmoid', [against]), g.scalar('float32', beta)]);
    const byOdds = g.op('Div', [besides(g, g.op('Neg', [slope]), slope), rest]);
    const byMeans = g.op('Add', [byOdds, ofChosen(g, -1)]);
    const dSums = g.op('Div', [byMeans, sequences.counts]);
    return {
      lossSum: g.op('ReduceSum', [losses], { keepdims: 0 }),
      dLogits: sequenceGradient(g, sequences, dSums, inputs),
    };
  },
});

/** [1, 2]: a number for the chosen, 0 for the rejected. */
const ofChosen = (g: GraphBuilder, value: number): Value => g.constant('float32', [1, 2], [value, 0]);
