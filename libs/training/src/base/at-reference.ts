import type { KnownEvaluation } from '@temper/graph';
import type { Evaluable } from '../evaluation.js';

/**
 * The model before training, measured by a loss that compares with it. Each of its log probabilities is compared with itself, which is
 * known: computed once more, in batches of another size, it would be the rounding of two passes.
 */
export const atReference = ({ loss, outputs }: KnownEvaluation): Evaluable => ({
  evaluate: ({ counted }) => {
    const rows = ([name, row]: [string, readonly number[]]) => [name, repeated(row, counted)] as const;
    return Promise.resolve({
      lossSum: counted * loss,
      losses: repeated([loss], counted),
      outputs: Object.fromEntries(Object.entries(outputs).map(rows)),
    });
  },
});

const repeated = (row: readonly number[], times: number): Float32Array =>
  Float32Array.from({ length: row.length * times }, (_, i) => row[i % row.length]!);
