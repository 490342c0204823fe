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
import type { ObjectBody, ObjectStore } from './object-store.js';
import { eachLimited } from './parallel.js';
import { encode, parseJson } from './write.js';

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
    await this.store.put(key, encode(jsonLines(lines)));
  }

  /** The log: one line a step and one an evaluation (step, split), the newest written; in the order of steps. */
  async readAll(runId: string): Promise<MetricLine[]> {
    const keys: string[] = [];
    for await (const { key } of this.store.list(metricsPrefix(runId))) keys.push(key);
    const pieces = await eachLimited(keys.sort(), 8, (key) => this.store.get(key));
    const written = pieces.flatMap((piece) => (piece ? linesIn<MetricLine | Rewind>(piece.bytes) : []));
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
    await this.store.put(`${logsPrefix(runId)}${name}`, encode(jsonLines(records)));
  }

  /** What all workers said about the run, oldest first. */
  async logs<L extends LoggedLine>(runId: string): Promise<L[]> {
    const keys: string[] = [];
    for await (const { key } of this.store.list(logsPrefix(runId))) keys.push(key);
    const found = await eachLimited(keys.sort(), 8, (key) => this.store.get(key));
    const lines = found.flatMap((piece) => (piece ? linesIn<L>(piece.bytes) : []));
    return lines.sort((a, b) => a.time - b.time);
  }

  /** Writes the merged log as one file and returns its URI. */
  async closeMetrics(runId: string): Promise<string> {
    return this.putFile(runId, 'metrics.jsonl', encode(jsonLines(await this.readAll(runId))));
  }

  /** The merged log as `closeMetrics` left it: one read, however many pieces it was written in. */
  async closedMetrics(runId: string): Promise<MetricLine[]> {
    const bytes = await this.readFile(runId, 'metrics.jsonl');
    return bytes ? linesIn<MetricLine>(bytes) : [];
  }

  /** Adds a checkpoint to the run's list. The newest of a step counts. */
  async putCheckpoint(runId: string, entry: CheckpointEntry, attempt: number): Promise<void> {
    const name = `checkpoints/${pad(entry.training, 4)}-${pad(entry.step, 9)}-${pad(attempt, 4)}.json`;
    await this.putFile(runId, name, encode(canonicalJson(entry)));
  }

  /** The checkpoints of the run's newest training, in the order of steps. */
  async checkpoints(runId: string): Promise<CheckpointEntry[]> {
    const keys: string[] = [];
    const prefix = `${runPrefix(checkedId(runId))}checkpoints/`;
    for await (const { key } of this.store.list(prefix)) keys.push(key);
    const found = await eachLimited(keys.sort(), 8, (key) => this.store.get(key));
    const entries = found.flatMap((object) => (object ? [parseJson<CheckpointEntry>(object.bytes)] : []));
    const newest = entries.at(-1)?.training;
    const bySteps = entries.filter(({ training }) => training === newest).map((e) => [e.step, e] as const);
    return [...new Map(bySteps).values()];
  }

  /** A file of the run, e.g. `report.html`; returns its URI. */
  async putFile(runId: string, name: string, body: ObjectBody): Promise<string> {
    const key = `${runPrefix(runId)}${name}`;
    await this.store.put(key, body);
    return uriOf(this.store, key);
  }

  async readFile(runId: string, name: string): Promise<Uint8Array | undefined> {
    return (await this.store.get(`${runPrefix(runId)}${name}`))?.bytes;
  }

  /** What its pipeline says of how long things are kept; see `collectGarbage`. */
  async putRetention(runId: string, retention: RetentionSettings): Promise<void> {
    await this.putFile(checkedId(runId), RETENTION_FILE, encode(canonicalJson(retention)));
  }

  async putResult(result: RunResult): Promise<string> {
    return this.putFile(result.runId, 'result.json', encode(canonicalJson(result)));
  }

  /** undefined while the run is not finished. */
  async result(runId: string): Promise<RunResult | undefined> {
    const bytes = await this.readFile(runId, 'result.json');
    return bytes && parseJson<RunResult>(bytes);
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

const linesIn = <T>(bytes: Uint8Array): T[] =>
  new TextDecoder()
    .decode(bytes)
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
