import { parseAge, type ArtifactManifest, type ModelVersion, type Retention } from '@temper/contracts';
import type { Observed } from './observe.js';
import { storedPrefix } from '../keys.js';
import { HOLDS, type Hold } from './holds.js';
import type { Inventory, Reader } from './inventory.js';
import { Marking } from './marking.js';
import { RELEASES, WITHDRAWN, type Release } from './release.js';
import {
  isAbandoned,
  keepEnded,
  keepRunning,
  retentionOf,
  runsIn,
  type RunContext,
  type RunFiles,
} from './runs.js';
import { TAKEN } from './taken.js';

export interface Asked {
  readonly reader: Reader;
  /** By the store's clock. */
  readonly now: number;
  readonly retention: Retention;
  /** Milliseconds for which what no reference names is kept, and what belongs to no run is held. */
  readonly grace: number;
}

/** What is reached from the root objects, and which of them a rule removes. */
export interface Decision {
  readonly marking: Marking;
  /** Key -> rule */
  readonly expired: ReadonlyMap<string, string>;
}

const TAKEN_AGE = '400d';

export async function decide({ roots, states }: Observed, asked: Asked): Promise<Decision> {
  const { reader, now } = asked;
  const withdrawn = await withdrawnIn(roots, reader);
  const marking = new Marking(reader, withdrawn);
  const expired = new Map<string, string>();
  const runs = new Map(runsIn(roots).map((run) => [run.runId, run]));
  const published = await keepRegistry(roots, runs, marking, asked);
  const context: RunContext = { ...asked, marking, expired, published };
  for (const run of runs.values()) {
    const state = states.get(run.runId) ?? 'running';
    const ended = state === 'ended' || (state === 'unknown' && isAbandoned(run, now));
    await (ended ? keepEnded(run, context) : keepRunning(run, context));
  }
  await keepStageCache(roots, context);
  await keepHolds(roots, context, asked.grace);
  await keepStored(roots, context);
  await giveUp(roots, context);
  return { marking, expired };
}

/** Versions keep what they are used with and made from. Returns the runs that made one. */
async function keepRegistry(
  roots: Inventory,
  runs: ReadonlyMap<string, RunFiles>,
  marking: Marking,
  asked: Asked,
): Promise<Set<string>> {
  const published = new Set<string>();
  for (const info of under(roots, 'registry/models/')) {
    const version = await asked.reader.json<ModelVersion>(info);
    if (!version?.artifact) continue;
    const { artifact, runId, name } = version;
    published.add(runId);
    const why = `model ${name}:${version.version}`;
    // Data that were withdrawn since are not kept by it any longer; those of a later version of equal data are.
    marking.asOf = info.modified ?? Infinity;
    await marking.keepAll(version, why);
    const made = runs.get(runId);
    const { checkpoints } = made ? await retentionOf(made, asked) : asked.retention;
    const model = (await asked.reader.manifest(artifact.digest)) as ArtifactManifest<'model'> | undefined;
    if (model?.kind === 'model' && checkpoints.published !== 'none') {
      await marking.keep(model.meta.lineage.checkpoint, checkpoints.published, why);
    }
  }
  marking.asOf = Infinity;
  return published;
}

async function keepStageCache(roots: Inventory, { marking, expired, reader, now, retention }: RunContext) {
  const age = parseAge(retention.cache, 'retention.cache');
  for (const info of under(roots, 'cache/')) {
    const [, stage = ''] = info.key.split('/');
    // A damaged entry is no hit: the stage works again and writes it anew.
    const entry = await reader.json(info).catch(() => undefined);
    if (now - (info.modified ?? now) > age) {
      const rule = `retention.cache: ${retention.cache}: a result of ${stage}`;
      expired.set(info.key, rule);
      await marking.releaseAll(entry, rule);
      continue;
    }
    // A stage that is skipped hands on weights; who trains on goes from the checkpoints of its own run.
    await marking.keepAll(entry, `cached result of ${stage}`, (kind) =>
      kind === 'checkpoint' ? 'weights' : 'whole',
    );
  }
}

/** Of writers outside of runs. */
async function keepHolds(roots: Inventory, { marking, expired, reader, now }: RunContext, grace: number) {
  for (const info of under(roots, HOLDS)) {
    if (now - (info.modified ?? now) > grace) expired.set(info.key, 'a hold that is over');
    else marking.keepKeys((await reader.json<Hold>(info))?.keys ?? [], 'about to be written');
  }
}

/** Files of a client's machine, which the runs of its schedules read. */
async function keepStored(roots: Inventory, { marking, reader }: RunContext) {
  for (const info of under(roots, storedPrefix)) {
    await marking.keepAll(await reader.json(info), 'stored for a schedule');
  }
}

/** What people deleted is gone at once, where nothing else needs it. */
async function giveUp(roots: Inventory, { marking, expired, reader, now }: RunContext) {
  for (const info of under(roots, RELEASES)) {
    const release = await reader.json<Release>(info);
    if (release) await marking.releaseAll(release.references, release.rule);
    expired.set(info.key, 'done');
  }
  for (const info of under(roots, TAKEN)) {
    if (now - (info.modified ?? now) > parseAge(TAKEN_AGE)) expired.set(info.key, `older than ${TAKEN_AGE}`);
  }
}

async function withdrawnIn(roots: Inventory, reader: Reader): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const info of under(roots, WITHDRAWN)) {
    const { digest } = (await reader.json<{ digest: string }>(info)) ?? {};
    if (digest !== undefined) found.set(digest, info.modified ?? 0);
  }
  return found;
}

const under = (roots: Inventory, prefix: string) =>
  [...roots.values()].filter(({ key }) => key.startsWith(prefix));
