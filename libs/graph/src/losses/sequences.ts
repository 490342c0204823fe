import type { GraphBuilder } from '../onnx/builder.js';
import type { Value } from '../onnx/types.js';
import type { LossInput, LossValues } from './loss.js';

/** Labels that are tokens of several sequences, and which sequences belong together as chosen and rejected. */
export const pairInputs = (logits: Value) =>
  ({
    labels: { dtype: 'int32', shape: [logits.shape[0]!] },
    label_rows: { dtype: 'int32', shape: [logits.shape[0]!] },
    label_counts: { dtype: 'int32', shape: ['batch'] },
    example_rows: { dtype: 'int32', shape: ['pairs', 2] },
  }) as const satisfies Readonly<Record<string, LossInput>>;

/** Log probabilities of sequences, from logits [counted, vocabulary]. */
export interface SequenceSums {
  /** [counted, vocabulary] */
  readonly logP: Value;
  /** [pairs, 2]: Σ ln p[label] of the chosen and the rejected sequence of each. */
  readonly sums: Value;
  /** [pairs, 2] float: how many labels each has. */
  readonly counts: Value;
}

/** Sums over each sequence's counted labels; one without any sums to 0. */
export function sequenceSums(g: GraphBuilder, logits: Value, inputs: LossValues): SequenceSums {
  const logP = g.op('LogSoftmax', [logits], { axis: -1 });
  const own = g.op('GatherElements', [logP, column(g, inputs.labels!)], { axis: 1 });
  const counts = column(g, g.op('Cast', [inputs.label_counts!], { to: 'float32' }));
  const zeros = g.op('ConstantOfShape', [g.op('Shape', [counts])], { dtype: 'float32', value: 0 });
  const rows = column(g, inputs.label_rows!);
  const sums = g.op('ScatterElements', [zeros, rows, own], { axis: 0, reduction: 'add' });
  const ofPairs = (of: Value) =>
    g.op('Squeeze', [g.op('Gather', [of, inputs.example_rows!], { axis: 0 }), g.int64s(-1)]);
  return { logP, sums: ofPairs(sums), counts: ofPairs(counts) };
}

/** The gradient by the logits from that by the sums [pairs, 2]: d·(onehot(label) − p) at each label of the sequence. */
export function sequenceGradient(g: GraphBuilder, { logP }: SequenceSums, dSums: Value, inputs: LossValues) {
  const { labels, label_rows, label_counts, example_rows } = inputs;
  const zeros = g.op('ConstantOfShape', [g.op('Shape', [label_counts!])], { dtype: 'float32', value: 0 });
  const places = g.op('Unsqueeze', [g.op('Cast', [example_rows!], { to: 'int64' }), g.int64s(-1)]);
  const ofRows = g.op('ScatterND', [zeros, places, dSums]);
  const ofLabels = column(g, g.op('Gather', [ofRows, label_rows!], { axis: 0 }));
  const spread = g.op('Mul', [g.op('Exp', [logP]), g.op('Neg', [ofLabels])]);
  return g.op('ScatterElements', [spread, column(g, labels!), ofLabels], { axis: 1, reduction: 'add' });
}

const column = (g: GraphBuilder, of: Value): Value => g.op('Unsqueeze', [of, g.int64s(-1)]);

/** [pairs, 1] each: what is of the chosen sequences, and what of the rejected. */
export function chosenAndRejected(g: GraphBuilder, of: Value): readonly [Value, Value] {
  const part = (at: number) => g.op('Slice', [of, g.int64s(at), g.int64s(at + 1), g.int64s(1), g.int64s(1)]);
  return [part(0), part(1)];
}

/** [pairs, 2] of two that are [pairs, 1]. */
export const besides = (g: GraphBuilder, chosen: Value, rejected: Value): Value =>
  g.op('Concat', [chosen, rejected], { axis: 1 });
