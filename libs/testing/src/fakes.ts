import { setTimeout as sleep } from 'node:timers/promises';
import { msToNumber, type Duration } from '@temporalio/common';
import { stageActivity, type StageContext } from '@temper/activity';
import type { StageName } from '@temper/contracts';
import type { StageInput, StageOutput } from '@temper/spec';
import { MemoryStore, type ObjectStore } from '@temper/storage';
import type { ActivityName, InputOf, OtherActivity, OutputOf, TemperActivities } from './activities.js';
import { plausible } from './plausible.js';
import { storedIn, type Stored } from './stored.js';

/** Milliseconds between heartbeats: a cancellation is noticed with one. */
const BEAT = 50;

/** How a fake differs from one that works at once. */
export interface Fake<A extends ActivityName> {
  /** What is other than in the plausible output: members, or a function of the input. */
  readonly returns?: Partial<OutputOf<A>> | ((input: InputOf<A>) => Returned<A> | Promise<Returned<A>>);
  /** One error for every attempt; of a list one an attempt, after which it works. A TemperError is retried by its code. */
  readonly fails?: Error | readonly Error[];
  /** How long an attempt takes, in real time: milliseconds, or `2 seconds`. A cancellation ends it. */
  readonly takes?: number | string;
}
type Returned<A extends ActivityName> = Partial<OutputOf<A>> | undefined;

export type Fakes = { readonly [A in ActivityName]?: Fake<A> };

export type Calls = { readonly [A in ActivityName]: InputOf<A>[] };

export interface FakeOptions {
  /** Where artifacts, versions and logs go; default: in memory. */
  readonly store?: ObjectStore;
}

/**
 * Activities in place of Temper's: the same names and types, outputs that are as the real ones and refer to artifacts that
 * are in the store, heartbeats, cancellation and typed failures by the real stages' own wrapper.
 *
 *     const { activities, calls } = fakeActivities({ train: { fails: [new TemperError('TRAINER_DIED', 'killed')] } });
 */
export function fakeActivities(fakes: Fakes = {}, options: FakeOptions = {}): FakeActivities {
  return new FakeActivities(fakes, options);
}

export class FakeActivities {
  /** The input of each attempt, in their order. */
  readonly calls: Calls;
  /** The stages as they were tried, in that order; one that was tried again is there again. */
  readonly stages: StageName[] = [];
  readonly store: ObjectStore;
  readonly activities: TemperActivities;
  readonly #fakes: Fakes;
  readonly #stored: Stored;

  constructor(fakes: Fakes, { store = new MemoryStore() }: FakeOptions) {
    this.#fakes = fakes;
    this.store = store;
    this.#stored = storedIn(store);
    this.calls = {
      ...{ ingest: [], preprocess: [], train: [], evaluate: [], publish: [] },
      ...{ choosePool: [], notify: [], driftFromProduction: [], collectGarbage: [] },
    };
    this.activities = {
      ingest: this.#stage('ingest'),
      preprocess: this.#stage('preprocess'),
      train: this.#stage('train'),
      evaluate: this.#stage('evaluate'),
      publish: this.#stage('publish'),
      choosePool: this.#other('choosePool'),
      notify: this.#other('notify'),
      driftFromProduction: this.#other('driftFromProduction'),
      collectGarbage: this.#other('collectGarbage'),
    };
  }

  #stage<S extends StageName>(name: S): TemperActivities[S] {
    const work = (input: StageInput, { signal, report }: StageContext) => {
      report({ phase: 'fake' });
      this.stages.push(name);
      return this.#attempt(name, input as InputOf<S>, signal) as Promise<StageOutput>;
    };
    const run = stageActivity<StageInput, StageOutput>(name, work, { beat: BEAT });
    return run as TemperActivities[S];
  }

  #other<A extends OtherActivity>(name: A): TemperActivities[A] {
    const run = (input: InputOf<A>) => this.#attempt(name, input);
    return run as TemperActivities[A];
  }

  async #attempt<A extends ActivityName>(
    name: A,
    input: InputOf<A>,
    signal?: AbortSignal,
  ): Promise<OutputOf<A>> {
    const attempt = this.calls[name].push(input) - 1;
    const { takes, fails, returns }: Fake<A> = this.#fakes[name] ?? {};
    if (takes !== undefined) await sleep(msToNumber(takes as Duration), undefined, signal ? { signal } : {});
    signal?.throwIfAborted();
    const failure = fails instanceof Error ? fails : fails?.[attempt];
    if (failure) throw failure;
    const other = typeof returns === 'function' ? await returns(input) : returns;
    return merged(await plausible[name](input, this.#stored, other), other);
  }
}

/** A stage returns an object, of which members can be others; what else there is is replaced. */
function merged<T>(output: T, other: Partial<T> | undefined): T {
  if (other === undefined) return output;
  return typeof other === 'object' && other !== null ? { ...output, ...other } : (other as T);
}
