import type { GraphBuilder } from '../onnx/builder.js';
import type { Value } from '../onnx/types.js';
import type { Loss, LossValues } from './loss.js';

/** A logit where there is no token: e to the power of it is 0. */
const NOWHERE = -1e30;

/**
 * Σ over examples of −½ (ln p_first[its first token] + ln p_last[its last token]), where p_first and p_last are softmaxes over all tokens of
 * the example: with the mean over examples transformers' loss of question answering (loss_utils.py, ForQuestionAnsweringLoss) without
 * padding, which takes no part here.
 * logits float [tokens, 2]; labels int32 [examples, 2]: positions of the two tokens; label_places int32 [tokens, 2]: the example and the
 * position of each row of logits; label_mask int32 [examples, longest], of which the shape is read.
 */
export const spanLoss: Loss = {
  inputs: (logits) => ({
    labels: { dtype: 'int32', shape: ['examples', 2] },
    label_places: { dtype: 'int32', shape: [logits.shape[0]!, 2] },
    label_mask: { dtype: 'int32', shape: ['examples', 'longest'] },
  }),
  gradient(g, logits, inputs) {
    const { logP, places, column, losses } = spansOf(g, logits, inputs);
    const half = g.op('Mul', [g.op('Exp', [logP]), g.scalar('float32', 0.5)]);
    const minusHalf = g.op('ConstantOfShape', [g.op('Shape', [column])], { dtype: 'float32', value: -0.5 });
    const dDense = g.op('ScatterElements', [half, column, minusHalf], { axis: 1, reduction: 'add' });
    return { lossSum: sumOf(g, losses), dLogits: g.op('GatherND', [dDense, places]) };
  },
  evaluation(g, logits, inputs) {
    const { losses } = spansOf(g, logits, inputs);
    return { lossSum: sumOf(g, losses), losses, outputs: { logits } };
  },
};

const sumOf = (g: GraphBuilder, losses: Value): Value => g.op('ReduceSum', [losses], { keepdims: 0 });

/** logP [examples, longest, 2]; losses [examples]; column: the labels as int32 [examples, 1, 2]. */
function spansOf(g: GraphBuilder, logits: Value, { labels, label_places, label_mask }: LossValues) {
  const places = g.op('Cast', [label_places!], { to: 'int64' });
  const shape = g.op('Concat', [g.op('Shape', [label_mask!]), g.int64s(2)], { axis: 0 });
  const nowhere = g.op('ConstantOfShape', [shape], { dtype: 'float32', value: NOWHERE });
  const logP = g.op('LogSoftmax', [g.op('ScatterND', [nowhere, places, logits])], { axis: 1 });
  const column = g.op('Unsqueeze', [labels!, g.int64s(1)]);
  const own = g.op('GatherElements', [logP, column], { axis: 1 });
  const sums = g.op('ReduceSum', [own, g.int64s(1, 2)], { keepdims: 0 });
  return { logP, places, column, losses: g.op('Mul', [sums, g.scalar('float32', -0.5)]) };
}
