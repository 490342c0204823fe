import type { VerdictName } from '@temper/contracts';
import type { TrialStatus } from '@temper/spec';
import { verdictNames } from '@temper/contracts/verdict';

/** What is known of a trial. Its parameters follow from its number. */
interface Trial {
  status: TrialStatus;
  /** The objective, rung by rung; null where there was none: worse than any number. */
  readonly metrics: (number | null)[];
  steps?: number | undefined;
  /** What is to be said about its training besides `fine`. */
  verdicts?: readonly VerdictName[] | undefined;
}

export interface TrialOutcome {
  readonly status: TrialStatus & ('waiting' | 'completed' | 'diverged' | 'failed' | 'cancelled');
  readonly metric?: number | undefined;
  readonly steps?: number | undefined;
  readonly verdicts?: readonly VerdictName[] | undefined;
}

/** What is to be done next: trial `trial` trains to the end of rung `rung`. */
export interface Turn {
  readonly trial: number;
  readonly rung: number;
}

export interface TrialsOptions {
  readonly trials: number;
  readonly mode: 'min' | 'max';
  /** Undefined where every trial trains to its end: the first rung is the last. */
  readonly reductionFactor?: number | undefined;
}

/**
 * The trials of a sweep and the order in which they get their turns: asynchronous successive halving (Li et al. 2018,
 * arXiv:1810.05934). Whoever is among the best 1/η of those who finished a rung so far goes on at once; only where nobody
 * may, a new trial starts. Nobody waits for a rung to fill. With finitely many trials the last rungs may have fewer than η
 * members, from which none would go on: then the best of all goes on to its end.
 */
export class Trials {
  readonly #trials: Trial[] = [];
  /** Numbers of the trials that finished a rung, the best first. */
  readonly #rungs: number[][] = [];
  /** Of those, who may yet go on, the best first. */
  readonly #waiting: number[][] = [];
  /** Of those trained to their end, the best first. */
  readonly #completed: number[] = [];
  readonly #running = new Set<number>();

  constructor(private readonly options: TrialsOptions) {}

  /** Undefined: nothing can be started now; where nothing runs either, nothing is left to do. */
  next(): Turn | undefined {
    const rung = this.#promotable();
    if (rung !== undefined) return this.#promote(rung);
    if (this.#trials.length < this.options.trials) return this.#start(this.#trials.length, 0);
    const [best] = this.#completed;
    if (this.#running.size || (best !== undefined && this.#latest(best) !== null)) return undefined;
    const furthest = this.#waiting.findLastIndex((waiting) => waiting.length > 0);
    return furthest < 0 ? undefined : this.#promote(furthest);
  }

  finished({ trial, rung }: Turn, { status, metric, steps, verdicts }: TrialOutcome): void {
    const known = this.#trials[trial]!;
    known.status = status;
    known.metrics[rung] = metric ?? null;
    known.steps = steps ?? known.steps;
    known.verdicts = verdicts;
    this.#running.delete(trial);
    this.#rank(trial, rung);
    if (status === 'completed') insert(this.#completed, trial, this.#compare(-1));
  }

  /** No more turns: who still waits was stopped early; who still runs was cancelled with the sweep. */
  close(): void {
    for (const trial of this.#trials) if (trial.status === 'waiting') trial.status = 'stopped';
    for (const trial of this.running) {
      const rung = this.#trials[trial]!.metrics.length;
      this.finished({ trial, rung }, { status: 'cancelled' });
    }
  }

  get(trial: number): Readonly<Trial> {
    return this.#trials[trial] ?? { status: 'pending', metrics: [] };
  }

  get counts(): Record<TrialStatus, number> {
    const counts = {
      pending: this.options.trials - this.#trials.length,
      ...{ running: 0, waiting: 0, stopped: 0, completed: 0, diverged: 0, failed: 0, cancelled: 0 },
    };
    for (const { status } of this.#trials) counts[status] += 1;
    return counts;
  }

  /** Of those trained to their end, else of the furthest rung; undefined where none has the metric. */
  get best(): number | undefined {
    const order = [this.#completed, ...[...this.#rungs].reverse()].map((rung) => rung[0]);
    return order.find((trial) => trial !== undefined && this.#latest(trial) !== null);
  }

  get running(): number[] {
    return [...this.#running];
  }

  /** The best first: those trained to their end, then rung by rung from the furthest. */
  ranked(limit: number): number[] {
    const ranked = new Set<number>();
    for (const group of [this.#completed, ...[...this.#rungs].reverse()]) {
      for (const trial of group) {
        if (ranked.size >= limit) return [...ranked];
        if (!this.#running.has(trial)) ranked.add(trial);
      }
    }
    return [...ranked];
  }

  /** A word a trial, e.g. `w0.5,0.75@60` or, with verdicts by number, `c0.5@60!03`; only between turns. */
  encode(): string {
    return this.#trials
      .map(({ status, metrics, steps, verdicts }) => {
        const told = verdicts?.length
          ? `!${verdicts.map((name) => verdictNames.indexOf(name)).join('')}`
          : '';
        return `${letters[status]}${metrics.map((m) => m ?? '').join()}@${steps ?? ''}${told}`;
      })
      .join(' ');
  }

  static decode(options: TrialsOptions, words: string): Trials {
    const trials = new Trials(options);
    for (const word of words ? words.split(' ') : []) {
      const [numbers, told = ''] = word.slice(1).split('!') as [string, string?];
      const [metrics, steps] = numbers.split('@') as [string, string];
      const status = statuses[word[0]!]!;
      trials.#trials.push({
        status,
        metrics: metrics.split(',').map((m) => (m === '' ? null : Number(m))),
        ...(steps ? { steps: Number(steps) } : {}),
        ...(told ? { verdicts: [...told].map((digit) => verdictNames[Number(digit)]!) } : {}),
      });
    }
    const numbers = [...trials.#trials.keys()];
    const deepest = Math.max(0, ...trials.#trials.map((t) => t.metrics.length));
    for (let rung = 0; rung < deepest; rung++) {
      trials.#rungs[rung] = numbers
        .filter((n) => trials.#trials[n]!.metrics.length > rung)
        .sort(trials.#compare(rung));
      trials.#waiting[rung] = trials.#rungs[rung].filter((n) => trials.#mayGoOn(n, rung));
    }
    const completed = numbers.filter((n) => trials.#trials[n]!.status === 'completed');
    trials.#completed.push(...completed.sort(trials.#compare(-1)));
    return trials;
  }

  #start(trial: number, rung: number): Turn {
    this.#trials[trial] ??= { status: 'running', metrics: [] };
    this.#trials[trial].status = 'running';
    this.#running.add(trial);
    return { trial, rung };
  }

  #promote(rung: number): Turn {
    return this.#start(this.#waiting[rung]!.shift()!, rung + 1);
  }

  /** The furthest rung of which somebody is among the best 1/η. */
  #promotable(): number | undefined {
    const { reductionFactor } = this.options;
    if (!reductionFactor) return undefined;
    const rung = this.#waiting.findLastIndex(([best], rung) => {
      const members = this.#rungs[rung]!;
      const places = Math.floor(members.length / reductionFactor);
      return best !== undefined && placeIn(members, best, this.#compare(rung)) < places;
    });
    return rung < 0 ? undefined : rung;
  }

  #rank(trial: number, rung: number): void {
    insert((this.#rungs[rung] ??= []), trial, this.#compare(rung));
    this.#waiting[rung] ??= [];
    if (this.#mayGoOn(trial, rung)) insert(this.#waiting[rung], trial, this.#compare(rung));
  }

  /** A trial without the metric never goes on. */
  #mayGoOn(trial: number, rung: number): boolean {
    const { status, metrics } = this.#trials[trial]!;
    return status === 'waiting' && metrics.length === rung + 1 && metrics[rung] !== null;
  }

  #latest = (trial: number): number | null => this.#trials[trial]!.metrics.at(-1) ?? null;

  /** By the metric of a rung (−1: the latest), the best first, equals by number. */
  #compare(at: number): Compare {
    const sign = this.options.mode === 'max' ? -1 : 1;
    const value = (trial: number) => {
      const metric = this.#trials[trial]!.metrics.at(at);
      return metric === null || metric === undefined ? Infinity : sign * metric;
    };
    return (a, b) => {
      const [left, right] = [value(a), value(b)];
      return left === right ? a - b : left < right ? -1 : 1;
    };
  }
}

const letters: Readonly<Record<TrialStatus, string>> = {
  pending: 'p',
  running: 'r',
  waiting: 'w',
  stopped: 's',
  completed: 'c',
  diverged: 'd',
  failed: 'f',
  cancelled: 'x',
};
const statuses = Object.fromEntries(
  Object.entries(letters).map(([name, letter]) => [letter, name]),
) as Readonly<Record<string, TrialStatus>>;

type Compare = (a: number, b: number) => number;

/** Into a sorted list, at its place: thousands of trials are never sorted anew. */
const insert = (sorted: number[], item: number, compare: Compare): void =>
  void sorted.splice(placeIn(sorted, item, compare), 0, item);

/** How many come before it. */
function placeIn(sorted: readonly number[], item: number, compare: Compare): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(sorted[middle]!, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
