import {
  parseAge,
  withRetention,
  type ArtifactRef,
  type CheckpointEntry,
  type Digest,
  type Retention,
  type RetentionSettings,
} from '@temper/contracts';
import { checkpointKey, RETENTION_FILE, runPrefix } from '../keys.js';
import type { ObjectInfo } from '../object-store.js';
import { runHolds, type Hold } from './holds.js';
import type { Inventory, Reader } from './inventory.js';
import type { Marking } from './marking.js';

/** A run that nobody knows and that wrote nothing for so long has ended. */
const ABANDONED = '30d';

export interface RunFiles {
  readonly runId: string;
  readonly files: readonly ObjectInfo[];
}

/** What lies under `runs/ID/` and `refs/runs/ID/`, by run. */
export function runsIn(inventory: Inventory): RunFiles[] {
  const runs = new Map<string, ObjectInfo[]>();
  for (const info of inventory.values()) {
    const runId = /^(?:refs\/)?runs\/([^/]+)\//.exec(info.key)?.[1];
    if (runId === undefined) continue;
    if (!runs.has(runId)) runs.set(runId, []);
    runs.get(runId)!.push(info);
  }
  return [...runs].map(([runId, files]) => ({ runId, files }));
}

export interface RunContext {
  readonly reader: Reader;
  readonly marking: Marking;
  /** Root objects that a rule removes, with the rule. */
  readonly expired: Map<string, string>;
  readonly now: number;
  readonly retention: Retention;
  /** Runs that a version of the registry names: `rebuild` and the model card lead back to them. */
  readonly published: ReadonlySet<string>;
}

interface PointerOfRun {
  readonly value: { readonly ref?: ArtifactRef<'checkpoint'> };
}

/** Of a run that goes on: all that it wrote, took from the cache, or is about to write. */
export async function keepRunning(run: RunFiles, { reader, marking }: RunContext): Promise<void> {
  const why = `run ${run.runId} goes on`;
  for (const info of run.files) {
    if (info.key.startsWith(runHolds(run.runId))) {
      marking.keepKeys((await reader.json<Hold>(info))?.keys ?? [], why);
    } else if (isRecord(run, info)) await marking.keepAll(await reader.json(info), why);
    marking.keepKeys([info.key], why);
  }
}

/** Of a run that has ended: what its retention says. */
export async function keepEnded(run: RunFiles, context: RunContext): Promise<void> {
  const { reader, marking, expired, now, published } = context;
  const { runId, files } = run;
  const retention = await retentionOf(run, context);
  const lastWritten = Math.max(0, ...files.map(({ modified }) => modified ?? now));
  const isOld = now - lastWritten > parseAge(retention.runs, 'retention.runs');
  const rule = `retention.runs: ${retention.runs}: run ${runId}`;
  const removesAll = isOld && !published.has(runId);
  for (const info of files) {
    if (info.key.startsWith(runHolds(runId))) {
      const over = `run ${runId} has ended, and nothing else refers to it`;
      expired.set(info.key, over);
      marking.releaseKeys((await reader.json<Hold>(info))?.keys ?? [], over);
    } else if (removesAll) expired.set(info.key, rule);
    else if (isLog(run, info) && now - (info.modified ?? now) > parseAge(retention.logs, 'retention.logs')) {
      expired.set(info.key, `retention.logs: ${retention.logs}: run ${runId}`);
    } else marking.keepKeys([info.key], `run ${runId}`);
  }
  await keepCheckpoints(run, retention, removesAll ? rule : undefined, context);
}

async function keepCheckpoints(
  run: RunFiles,
  { checkpoints }: Retention,
  removed: string | undefined,
  context: RunContext,
): Promise<void> {
  const { reader, marking } = context;
  const { runId } = run;
  const entries = await entriesOf(run, reader);
  const pointer = run.files.find(({ key }) => key === checkpointKey(runId));
  const ref = pointer && (await reader.json<PointerOfRun>(pointer))?.value.ref;
  const newestFirst = [ref?.digest, ...entries.map(({ checkpoint }) => checkpoint.digest).reverse()].filter(
    (digest) => digest !== undefined,
  );
  const all = [...new Set(newestFirst)];
  const stepOf = new Map(entries.map(({ step, checkpoint }) => [checkpoint.digest, step]));
  const last = new Set(removed === undefined ? all.slice(0, checkpoints.last) : []);
  const best = removed === undefined && ref ? await bestOf(ref.digest, reader) : undefined;
  for (const digest of all) {
    if (last.has(digest)) {
      await marking.keep(digest, 'whole', `the last ${checkpoints.last} of run ${runId}`);
      continue;
    }
    if (digest === best && checkpoints.best !== 'none') {
      await marking.keep(digest, checkpoints.best, `the best of run ${runId}`);
    }
    const named = `checkpoint of step ${stepOf.get(digest) ?? '?'} of run ${runId}`;
    await marking.release(digest, 'whole', removed ?? `${ruleOf(checkpoints)}: ${named}`);
  }
}

const ruleOf = ({ last, best, published }: Retention['checkpoints']) =>
  `retention.checkpoints: {last: ${last}, best: ${best}, published: ${published}}`;

async function bestOf(digest: Digest, reader: Reader): Promise<Digest | undefined> {
  const manifest = await reader.manifest(digest);
  const best = (manifest?.meta as { best?: { digest?: string } } | undefined)?.best?.digest;
  // The checkpoint itself is named by no digest of its own.
  return best?.startsWith('sha256:') ? (best as Digest) : best === undefined ? undefined : digest;
}

/** In the order of trainings and steps, as their names sort. */
async function entriesOf(run: RunFiles, reader: Reader): Promise<CheckpointEntry[]> {
  const prefix = `${runPrefix(run.runId)}checkpoints/`;
  const files = run.files
    .filter(({ key }) => key.startsWith(prefix))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const read = await Promise.all(files.map((info) => reader.json<CheckpointEntry>(info)));
  return read.filter((entry) => entry !== undefined);
}

const retentionKey = (runId: string) => `${runPrefix(runId)}${RETENTION_FILE}`;

/** The store's, with what the run's spec says of it. */
export async function retentionOf(
  { runId, files }: RunFiles,
  { reader, retention }: Pick<RunContext, 'reader' | 'retention'>,
): Promise<Retention> {
  const said = files.find(({ key }) => key === retentionKey(runId));
  return withRetention(retention, said && (await reader.json<RetentionSettings>(said)));
}

/** Small JSON that refers to artifacts. */
const isRecord = ({ runId }: RunFiles, { key }: ObjectInfo) =>
  key.startsWith('refs/') ||
  key.startsWith(`${runPrefix(runId)}checkpoints/`) ||
  key.endsWith('/report.json');

const isLog = ({ runId }: RunFiles, { key }: ObjectInfo) =>
  ['metrics/', 'metrics.jsonl', 'logs/'].some((name) => key.startsWith(`${runPrefix(runId)}${name}`));

export const isAbandoned = ({ files }: RunFiles, now: number): boolean =>
  now - Math.max(0, ...files.map(({ modified }) => modified ?? now)) > parseAge(ABANDONED);
