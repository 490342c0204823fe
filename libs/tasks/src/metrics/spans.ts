import type { Metrics } from '@temper/contracts';
import type {
  BatchExamples,
  EvaluatedBatch,
  Measure,
  MeasuredRows,
  MetricAccumulator,
  SpanPassage,
} from '../task.js';
import { squadScores, type SquadScores } from './squad.js';

/** The longest answer in tokens, as transformers' run_qa.py has it (max_answer_length). */
const LONGEST = 30;

/** First and last token of an example; both 0: no answer. */
export type Span = readonly [first: number, last: number];

/**
 * The stretch of the passage whose first token's and last token's logits are largest together; none, where those of the example's first
 * token are larger (run_qa.py's postprocess_qa_predictions, of which all candidates are looked at and not the 20 best).
 * logits [tokens of the example, 2].
 */
export function bestSpan(logits: ArrayLike<number>, { first, starts }: SpanPassage, offset = 0): Span {
  const at = (token: number, side: 0 | 1) => logits[offset + 2 * token + side]!;
  let best: Span = [0, 0];
  let score = -Infinity;
  for (let from = first; from < first + starts.length; from++) {
    for (let to = from; to < Math.min(from + LONGEST, first + starts.length); to++) {
      const sum = at(from, 0) + at(to, 1);
      if (sum > score) [best, score] = [[from, to], sum];
    }
  }
  return at(0, 0) + at(0, 1) > score ? [0, 0] : best;
}

/** What stands there. */
export function spanText({ text, first, starts, ends }: SpanPassage, [from, to]: Span): string {
  return from === 0 && to === 0 ? '' : text.slice(starts[from - first], ends[to - first]);
}

/** `spans`, [examples, 2], of `logits` [tokens of all examples, 2]. */
export function decidedSpans(
  { logits }: EvaluatedBatch['outputs'],
  { split, indices }: BatchExamples,
): EvaluatedBatch['outputs'] {
  const spans = new Int32Array(2 * indices.length);
  let row = 0;
  Array.from(indices, (example, b) => {
    if (logits) spans.set(bestSpan(logits, split.passages![example]!, 2 * row), 2 * b);
    row += split.offsets[example + 1]! - split.offsets[example]!;
  });
  return { spans };
}

/** Of the texts that were found, against the right ones of each example. */
export class SpanMetrics implements MetricAccumulator {
  private readonly sums = { exactMatch: 0, f1: 0, loss: 0, uniform: 0 };
  private examples = 0;

  add({ lossSum, outputs, of }: EvaluatedBatch): void {
    const { split, indices } = of!;
    const { sums } = this;
    Array.from(indices, (example, b) => {
      const { exactMatch, f1 } = scoresOf(split, example, outputs['spans']!, b);
      sums.exactMatch += exactMatch;
      sums.f1 += f1;
      sums.uniform += Math.log(split.offsets[example + 1]! - split.offsets[example]!);
    });
    sums.loss += lossSum;
    this.examples += indices.length;
  }

  result(): Metrics {
    const { examples, sums } = this;
    const mean = (sum: number) => (examples ? sum / examples : 0);
    return {
      loss: mean(sums.loss),
      exactMatch: mean(sums.exactMatch),
      f1: mean(sums.f1),
      examples,
      chance: { loss: mean(sums.uniform), words: 'choosing any token' },
    };
  }
}

/** `spans`: of many rows, of which this one is `at`. */
function scoresOf(
  { passages }: BatchExamples['split'],
  example: number,
  spans: ArrayLike<number>,
  at: number,
): SquadScores {
  const passage = passages![example]!;
  return squadScores(spanText(passage, [spans[2 * at]!, spans[2 * at + 1]!]), passage.answers);
}

/** Loss, exact match and F1 of drawn rows. */
export function spansMeasure({ loss, split, predicted }: MeasuredRows): Measure {
  const known: SquadScores[] = [];
  const scores = (row: number) => (known[row] ??= scoresOf(split, row, predicted!, row));
  let [rows, losses, exact, f1] = [0, 0, 0, 0];
  return {
    metrics: ['loss', 'exactMatch', 'f1'],
    shares: { hit: (row) => scores(row).exactMatch === 1, names: ['exactMatch'], namesOfAll: [] },
    reset: () => void (rows = losses = exact = f1 = 0),
    add(row) {
      const of = scores(row);
      rows++;
      losses += loss[row]!;
      exact += of.exactMatch;
      f1 += of.f1;
    },
    values: () => [losses, exact, f1].map((sum) => (rows ? sum / rows : 0)),
  };
}
