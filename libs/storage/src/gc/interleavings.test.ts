import { join } from 'node:path';
import type { ArtifactRef, RunState } from '@temper/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArtifactStore } from '../artifact-store.js';
import { digestOf } from '../digest.js';
import { blobKey, manifestKey } from '../keys.js';
import { MemoryStore } from '../memory-store.js';
import type { ObjectStore } from '../object-store.js';
import { Registry } from '../registry.js';
import { StageCache } from '../stage-cache.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { inTurns, World, type Fate } from '../testing/interleaved.js';
import { isConflict } from '../write.js';
import { collectGarbage, retentionPointer } from './collect.js';
import { heldBy } from './holds.js';

type Dataset = ArtifactRef<'dataset'>;
const meta = { columns: {}, rows: {} };
const bytes = (text: string) => new TextEncoder().encode(text);
/** Few contents, so that runs share them and take up what a collection is about to remove. */
const contents = [0, 1, 2].map((n) => ({
  'a.jsonl': bytes(`rows ${n}`),
  'b.jsonl': bytes(`shared ${n % 2}`),
}));

interface RunPlan extends Fate {
  readonly begins: number;
  /** What its stages make. */
  readonly stages: readonly number[];
  readonly publishes: boolean;
}
interface Plan {
  readonly seed: number;
  readonly runs: readonly RunPlan[];
  readonly collections: readonly (Fate & { readonly rounds: number })[];
  readonly cacheAge: '0s' | 'forever';
}

const fate = {
  dies: fc.option(fc.integer({ min: 1, max: 120 }), { nil: null, freq: 3 }),
  stalls: fc.option(
    fc.record({ after: fc.integer({ min: 1, max: 60 }), turns: fc.integer({ min: 20, max: 200 }) }),
    { nil: null, freq: 2 },
  ),
};
const plans = fc.record<Plan>({
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
  runs: fc.array(
    fc.record({
      begins: fc.nat(120),
      stages: fc.array(fc.nat(contents.length - 1), { minLength: 1, maxLength: 4 }),
      publishes: fc.boolean(),
      ...fate,
    }),
    { minLength: 1, maxLength: 4 },
  ),
  collections: fc.array(fc.record({ rounds: fc.integer({ min: 1, max: 4 }), ...fate }), {
    minLength: 1,
    maxLength: 3,
  }),
  cacheAge: fc.constantFrom('0s', 'forever'),
});

interface Known {
  readonly ref: Dataset;
  readonly keys: readonly string[];
}

/** What has to be there, against what is. */
class Truth {
  readonly keys = new Set<string>();
  readonly states = new Map<string, RunState>();
  readonly #needed = new Map<string, Set<Known>>();

  need(by: string, known: Known): void {
    if (!this.#needed.has(by)) this.#needed.set(by, new Set());
    this.#needed.get(by)!.add(known);
    this.check();
  }

  forget(by: string): void {
    this.#needed.delete(by);
  }

  get needed(): Set<string> {
    return new Set([...this.#needed.values()].flatMap((all) => [...all].flatMap(({ keys }) => keys)));
  }

  readonly check = () => {
    for (const [by, all] of this.#needed)
      for (const { keys } of all)
        for (const key of keys) if (!this.keys.has(key)) throw new Error(`${by} lost ${key}`);
  };
}

/** Tells at once what was written and deleted. */
class WatchedStore extends MemoryStore {
  constructor(
    clock: () => number,
    private readonly keys: Set<string>,
  ) {
    super('temper', clock);
  }
  override async put(...args: Parameters<MemoryStore['put']>) {
    const written = await super.put(...args);
    this.keys.add(args[0]);
    return written;
  }
  override async delete(key: string) {
    await super.delete(key);
    this.keys.delete(key);
  }
}

async function knownContents(folder: string): Promise<Known[]> {
  const artifacts = new ArtifactStore(new MemoryStore(), { cacheFolder: folder });
  return Promise.all(
    contents.map(async (files) => {
      const ref = await artifacts.putArtifact('dataset', files, meta);
      const blobs = (await artifacts.manifest(ref)).files.map(({ digest }) => blobKey(digest));
      return { ref, keys: [manifestKey(ref.digest), ...blobs] };
    }),
  );
}

/** One play of a plan: throws as soon as anything that is needed is gone; returns what is left at the end. */
async function play(plan: Plan, folder: string) {
  const world = new World(plan.seed);
  const known = await knownContents(folder);
  const truth = new Truth();
  const store = new WatchedStore(world.now, truth.keys);
  await retentionPointer(store).update(() => ({ cache: plan.cacheAge }));
  // Of a run that nobody remembers: all of it is garbage, until somebody makes the same again.
  const before = new ArtifactStore(store, { cacheFolder: folder });
  for (const files of contents) await before.putArtifact('dataset', files, meta);
  world.turns += 10;

  /** An attempt of a run: every stage from the cache or made, as a worker does it; then a version, or nothing. */
  const attempt = async (own: ObjectStore, runId: string, { stages, publishes }: RunPlan) => {
    const waiting = { wait: () => world.turn(), now: world.now };
    const artifacts = new ArtifactStore(own, { cacheFolder: folder, waiting });
    const cache = new StageCache(own);
    for (const content of stages) {
      const key = digestOf({ content });
      const found = await cache.get<{ dataset: Dataset }>('ingest', key);
      const hit = found && (await artifacts.secure(found.dataset));
      if (!hit) await artifacts.putArtifact('dataset', contents[content]!, meta);
      truth.need(runId, known[content]!);
      if (!hit) await cache.put('ingest', key, { dataset: known[content]!.ref });
    }
    if (!publishes) return;
    const last = known[stages.at(-1)!]!;
    const artifact = last.ref as unknown as ArtifactRef<'model'>;
    await new Registry(own).publish(runId, { digest: last.ref.digest, artifact, runId, metrics: {} });
    truth.need(`model ${runId}`, last);
  };

  const run = async (runId: string, planned: RunPlan) => {
    truth.states.set(runId, 'running');
    await world.pass(planned.begins);
    await heldBy(runId, async () => {
      const first = inTurns(store, world, planned);
      const ended = await Promise.race([attempt(first.store, runId, planned), first.died]);
      // Another worker takes the run up.
      if (ended === 'died') await attempt(inTurns(store, world).store, runId, planned);
    });
    truth.forget(runId);
    truth.states.set(runId, 'ended');
  };

  const collect = async ({ rounds, ...fate }: Plan['collections'][number]) => {
    const own = inTurns(store, world, fate);
    const all = async () => {
      for (let round = 0; round < rounds; round++) await collected(own.store);
    };
    await Promise.race([all(), own.died]);
  };
  const collected = (own: ObjectStore) =>
    collectGarbage(own, {
      grace: '0s',
      stateOf: async (runId) => truth.states.get(runId) ?? 'unknown',
      watch: () => {
        const begun = world.now();
        return () => world.now() - begun;
      },
    }).catch((error: unknown) => {
      // Held up, or given up by others: it ends, and has to have done no harm.
      if (!isConflict(error)) throw error;
    });

  const actors = [
    ...plan.runs.map((planned, n) => run(`run-${n}`, planned)),
    ...plan.collections.map((planned) => collect(planned)),
  ];
  await world.run(actors, truth.check);
  // Whoever died is given up by now.
  world.turns += 200;
  await collected(store);
  truth.check();
  const left = [...truth.keys].filter((key) => key.startsWith('blobs/') || key.startsWith('manifests/'));
  const cached = [...truth.keys].some((key) => key.startsWith('cache/'));
  return { left, needed: truth.needed, cached };
}

describe('collections beside writers', () => {
  it('take nothing that anybody needs, in whatever order things happen, and in the end all the rest', async () => {
    await using folder = await temporaryFolder();
    let removed = 0;
    const property = fc.asyncProperty(plans, async (plan) => {
      const { left, needed, cached } = await play(plan, join(folder.path, 'cache'));
      // What the stage cache keeps is needed too.
      if (!cached) expect(new Set(left)).toEqual(needed);
      else for (const key of needed) expect(left).toContain(key);
      removed += cached ? 0 : 1;
    });
    await fc.assert(property, { numRuns: Number(process.env.TEMPER_GC_PLAYS ?? 300) });
    expect(removed).toBeGreaterThan(0);
  }, 300_000);
});
