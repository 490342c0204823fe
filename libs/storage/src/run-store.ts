import { randomBytes } from 'node:crypto';
import {
  TemperError,
  type CheckpointEntry,
  type MetricLine,
  type RetentionSettings,
  type RunResult,
} from '@temper/contracts';
import { canonicalJson } from './digest.js';
import { RETENTION_FILE, runPrefix, uriOf } from './keys.js';
import { keysBelow } from './keys-below.js';
import type { ObjectBody, ObjectStore, StoredObject } from './object-store.js';
import { eachLimited } from './parallel.js';
import { parseSealed, sealed, unsealed } from './seal.js';
import { encode } from './write.js';

const METRICS_FILE = 'metrics.jsonl';
const RESULT_FILE = 'result.json';

const pad = (number: number, digits: number) => String(number).padStart(digits, '0');

/** A record of a worker's log. */
export interface LoggedLine {
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** What belongs to one run and is no artifact: its metrics log, its result and its reports, under `runs/RUNID/`. */
export class RunStore {
  constructor(private readonly store: ObjectStore) {}

  /**
   * Appends a piece of the metrics log. Lines of a later attempt replace those of an earlier one for the same step,
   * so a resumed training may write again what it does again.
   */
  async putLines(
    runId: string,
    firstStep: number,
    lines: readonly MetricLine[],
    options: { readonly attempt?: number } = {},
  ): Promise<void> {
    if (lines.length) await this.#putPiece(runId, firstStep, lines, options.attempt);
  }

  /** What earlier attempts logged after this step was lost with them: the log goes on from here. */
  async rewind(runId: string, step: number, attempt: number): Promise<void> {
    await this.#putPiece(runId, step, [{ rewind: step }], attempt);
  }

  async #putPiece(
    runId: string,
    firstStep: number,
    lines: readonly (MetricLine | Rewind)[],
    attempt = 0,
  ): Promise<void> {
    const order = [pad(attempt, 4), pad(Date.now(), 14), pad(pieces++, 6), pad(firstStep, 9)].join('-');
    const key = `${metricsPrefix(runId)}${order}-${randomBytes(4).toString('hex')}.jsonl`;
    await this.store.put(key, sealed(jsonLines(lines)));
  }

  /** The log: one line a step and one an evaluation (step, split), the newest written; in the order of steps. */
  async readAll(runId: string): Promise<MetricLine[]> {
    const pieces = await this.#below(metricsPrefix(runId));
    const written = pieces.flatMap(linesIn<MetricLine | Rewind>);
    const merged = new Map<string, MetricLine>();
    for (const line of written) {
      if ('rewind' in line) {
        for (const [key, { step }] of merged) if (step > Number(line.rewind)) merged.delete(key);
      } else merged.set(`${line.step} ${splitOf(line)}`, line);
    }
    // A step's own line comes before the evaluations made after it.
    return [...merged.values()].sort((a, b) => a.step - b.step || (splitOf(a) < splitOf(b) ? -1 : 1));
  }

  /** Appends what a worker said about the run: records with a time, as they come. */
  async putLogs(runId: string, records: readonly LoggedLine[]): Promise<void> {
    if (!records.length) return;
    const name = `${pad(records[0]!.time, 14)}-${pad(pieces++, 6)}-${randomBytes(4).toString('hex')}.jsonl`;
    await this.store.put(`${logsPrefix(runId)}${name}`, sealed(jsonLines(records)));
  }

  /** What all workers said about the run, oldest first. */
  async logs<L extends LoggedLine>(runId: string): Promise<L[]> {
    const lines = (await this.#below(logsPrefix(runId))).flatMap(linesIn<L>);
    return lines.sort((a, b) => a.time - b.time);
  }

  /** Writes the merged log as one file and returns its URI. */
  async closeMetrics(runId: string): Promise<string> {
    return this.putFile(runId, METRICS_FILE, sealed(jsonLines(await this.readAll(runId))));
  }

  /** The merged log as `closeMetrics` left it: one read, however many pieces it was written in. */
  async closedMetrics(runId: string): Promise<MetricLine[]> {
    const found = await this.store.get(`${runPrefix(runId)}${METRICS_FILE}`);
    return found ? linesIn<MetricLine>(found) : [];
  }

  /** Adds a checkpoint to the run's list. The newest of a step counts. */
  async putCheckpoint(runId: string, entry: CheckpointEntry, attempt: number): Promise<void> {
    const name = `checkpoints/${pad(entry.training, 4)}-${pad(entry.step, 9)}-${pad(attempt, 4)}.json`;
    await this.putFile(runId, name, encode(canonicalJson(entry)));
  }

  /** The checkpoints of the run's newest training, in the order of steps. */
  async checkpoints(runId: string): Promise<CheckpointEntry[]> {
    const found = await this.#below(`${runPrefix(checkedId(runId))}checkpoints/`);
    const entries = found.map((object) => parseSealed<CheckpointEntry>(object));
    const newest = entries.at(-1)?.training;
    const bySteps = entries.filter(({ training }) => training === newest).map((e) => [e.step, e] as const);
    return [...new Map(bySteps).values()];
  }

  /** Objects in the order of their keys; one that has gone since it was listed is none. */
  async #below(prefix: string): Promise<StoredObject[]> {
    const keys = await keysBelow(this.store, prefix);
    const found = await eachLimited(keys, 8, (key) => this.store.get(key));
    return found.filter((object) => object !== undefined);
  }

  /** A file of the run, e.g. `report.json`; returns its URI. JSON that is given as bytes gets a checksum. */
  async putFile(runId: string, name: string, body: ObjectBody): Promise<string> {
    const key = `${runPrefix(runId)}${name}`;
    const isJson = name.endsWith('.json') && body instanceof Uint8Array;
    await this.store.put(key, isJson ? sealed(new TextDecoder().decode(body)) : body);
    return uriOf(this.store, key);
  }

  /** @throws TemperError BLOB_CORRUPT where JSON is not what was written */
  async readFile(runId: string, name: string): Promise<Uint8Array | undefined> {
    const found = await this.store.get(`${runPrefix(runId)}${name}`);
    return found && (/\.jsonl?$/.test(name) ? Buffer.from(unsealed(found)) : found.bytes);
  }

  /** What its pipeline says of how long things are kept; see `collectGarbage`. */
  async putRetention(runId: string, retention: RetentionSettings): Promise<void> {
    await this.putFile(checkedId(runId), RETENTION_FILE, encode(canonicalJson(retention)));
  }

  async putResult(result: RunResult): Promise<string> {
    return this.putFile(result.runId, RESULT_FILE, encode(canonicalJson(result)));
  }

  /** undefined while the run is not finished. */
  async result(runId: string): Promise<RunResult | undefined> {
    const found = await this.store.get(`${runPrefix(runId)}${RESULT_FILE}`);
    return found && parseSealed<RunResult>(found);
  }
}

/** Of this process: pieces of one millisecond keep their order too. */
let pieces = 0;

const splitOf = (line: MetricLine): string => ('split' in line ? String(line.split) : '');
/** A line that is no measurement. */
interface Rewind {
  readonly rewind: number;
}
const jsonLines = (lines: readonly object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

const linesIn = <T>(found: Pick<StoredObject, 'key' | 'bytes'>): T[] =>
  unsealed(found)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);

const logsPrefix = (runId: string) => `${runPrefix(checkedId(runId))}logs/`;
const metricsPrefix = (runId: string) => `${runPrefix(checkedId(runId))}metrics/`;

function checkedId(runId: string): string {
  if (!/^[\w.:@-]+$/.test(runId)) {
    throw new TemperError('NOT_FOUND', { path: runId, message: 'not a run id' });
  }
  return runId;
}
