import type { Metrics } from '@temper/contracts';
import type { Chance } from '../losses/chance.js';
import type { EvaluatedBatch, Measure, MeasuredRows, MetricAccumulator } from '../task.js';
import { ratio } from './averages.js';
import { argmax, type ClassMetrics } from './classification.js';
import { chunksOf, tagsOf, type Tag } from './entities.js';

/** Entities that are there, that are said, and that are both, with the same ends and the same type. */
interface EntityCounts {
  support: number;
  predicted: number;
  hits: number;
}

const none = (): EntityCounts => ({ support: 0, predicted: 0, hits: 0 });

/** Zero divisions are 0, as in seqeval. */
const scoresOf = ({ support, predicted, hits }: EntityCounts) => ({
  precision: ratio(hits, predicted),
  recall: ratio(hits, support),
  f1: ratio(2 * hits, predicted + support),
});

/** Counts the entities of one sequence, by type. */
function countEntities(
  truth: readonly Tag[],
  said: readonly Tag[],
  into: (type: string) => EntityCounts,
): void {
  const key = ({ type, start, end }: { type: string; start: number; end: number }) =>
    `${start} ${end} ${type}`;
  const known = new Set<string>();
  for (const chunk of chunksOf(truth)) {
    into(chunk.type).support++;
    known.add(key(chunk));
  }
  for (const chunk of chunksOf(said)) {
    into(chunk.type).predicted++;
    if (known.has(key(chunk))) into(chunk.type).hits++;
  }
}

/** Precision, recall and F1 of entities (seqeval's micro averages) and of each type, and the share of tokens that are right. */
export class TaggingMetrics implements MetricAccumulator {
  private readonly tags: readonly Tag[];
  private readonly ofType = new Map<string, EntityCounts>();
  private readonly support: Int32Array;
  private examples = 0;
  private tokens = 0;
  private correct = 0;
  private lossSum = 0;

  constructor(
    private readonly labelNames: readonly string[],
    private readonly chance?: Chance,
  ) {
    this.tags = tagsOf(labelNames);
    this.support = new Int32Array(labelNames.length);
  }

  /** The output `logits` is [labels.length, classes]; the labels are those of each example's counted tokens. */
  add({ labels, lossSum, outputs, countedIn = [] }: EvaluatedBatch): void {
    const classes = this.labelNames.length;
    const said = Array.from(labels, (_, k) => argmax(outputs.logits!, k * classes, classes));
    let from = 0;
    for (const count of countedIn) {
      const tagsIn = (all: ArrayLike<number>) =>
        Array.from({ length: count }, (_, k) => this.tags[all[from + k]!]!);
      countEntities(tagsIn(labels), tagsIn(said), (type) => this.countsOf(type));
      from += count;
    }
    labels.forEach((label, k) => {
      this.support[label]! += 1;
      if (said[k] === label) this.correct++;
    });
    this.examples += countedIn.length;
    this.tokens += labels.length;
    this.lossSum += lossSum;
  }

  result(): Metrics {
    const total = none();
    for (const { support, predicted, hits } of this.ofType.values()) {
      total.support += support;
      total.predicted += predicted;
      total.hits += hits;
    }
    const types = [...this.ofType].sort(([a], [b]) => (a < b ? -1 : 1));
    const perClass = types.map(([type, counts]): [string, ClassMetrics] => [
      type,
      { ...scoresOf(counts), support: counts.support },
    ]);
    return {
      loss: ratio(this.lossSum, this.tokens),
      ...scoresOf(total),
      tokenAccuracy: ratio(this.correct, this.tokens),
      examples: this.examples,
      countedTokens: this.tokens,
      chance: {
        loss: this.chance?.({ support: this.support, rows: this.tokens }) ?? this.entropy(),
        words: "guessing by the tags' shares",
      },
      perClass: Object.fromEntries(perClass),
      labels: this.labelNames,
    };
  }

  private countsOf(type: string): EntityCounts {
    const known = this.ofType.get(type);
    if (known) return known;
    const counts = none();
    this.ofType.set(type, counts);
    return counts;
  }

  /** Nats: the loss of who knows how frequent each tag is and nothing of the texts. */
  private entropy(): number {
    const shares = Array.from(this.support, (count) => ratio(count, this.tokens));
    return shares.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
  }
}

/** Loss, entity scores and token accuracy of drawn rows, from counts of each row. */
export function taggingOf(rows: MeasuredRows, labelNames: readonly string[]): Measure {
  const { loss, counted } = rows;
  const perRow = countsByRow(rows, tagsOf(labelNames));
  const total = { ...none(), correct: 0, loss: 0, tokens: 0 };
  return {
    metrics: ['loss', 'precision', 'recall', 'f1', 'tokenAccuracy'],
    reset: () => void Object.assign(total, { ...none(), correct: 0, loss: 0, tokens: 0 }),
    add(row) {
      const of = perRow[row]!;
      total.support += of.support;
      total.predicted += of.predicted;
      total.hits += of.hits;
      total.correct += of.correct;
      total.loss += loss[row]!;
      total.tokens += counted[row]!;
    },
    values() {
      const { precision, recall, f1 } = scoresOf(total);
      return [ratio(total.loss, total.tokens), precision, recall, f1, ratio(total.correct, total.tokens)];
    },
  };
}

function countsByRow({ split, counted, predicted }: MeasuredRows, tags: readonly Tag[]) {
  const { labels, offsets } = split;
  let at = 0;
  return Array.from({ length: counted.length }, (_, row) => {
    const truth = Array.from(labels.subarray(offsets[row], offsets[row + 1])).filter((label) => label >= 0);
    const said = truth.map(() => predicted![at++]!);
    const counts = { ...none(), correct: truth.filter((label, k) => label === said[k]).length };
    const tagsIn = (all: readonly number[]) => all.map((label) => tags[label]!);
    countEntities(tagsIn(truth), tagsIn(said), () => counts);
    return counts;
  });
}
