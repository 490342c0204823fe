import { visible } from '@temper/contracts';

/** A line of a worker's log, as pino writes it. */
export interface LogRecord {
  readonly level: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly msg?: string;
  readonly run?: string;
  readonly stage?: string;
  readonly attempt?: number;
  readonly [attribute: string]: unknown;
}

const names: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
};

/** Shown elsewhere in the line, or the same in all of them. */
const placed = new Set(['level', 'time', 'msg', 'pid', 'hostname', 'run', 'stage', 'attempt', 'pipeline']);
/** The message says it already. */
const noise = new Set(['trace_id', 'span_id', 'trace_flags', 'workflowId', 'workflowType', 'activityType']);

/**
 * `2026-03-01 03:12:09.123 WARN  train#2  the trainer was killed by SIGKILL  step=40`, with the failure's stack below.
 * `withRun`: also whose line it is.
 */
export function readableLine(record: LogRecord, { withRun = true } = {}): string {
  const { level, time, msg = '', run, stage, attempt, err, ...rest } = record;
  const at = new Date(time).toISOString().replace('T', ' ').replace('Z', '');
  const where = [
    ...(withRun && run ? [run] : []),
    ...(stage ? [`${stage}${attempt === undefined ? '' : `#${attempt}`}`] : []),
  ].join(' ');
  const more = Object.entries(rest).filter(
    ([name, value]) => value !== undefined && !placed.has(name) && !noise.has(name),
  );
  const line = [
    at,
    (names[level] ?? String(level)).padEnd(5),
    where,
    msg,
    more.map(([name, value]) => `${name}=${shown(value)}`).join(' '),
  ].filter(Boolean);
  // Names and messages of what was read come from outside; a terminal would obey them.
  return visible([line.join('  '), ...stackOf(err)].join('\n'));
}

const shown = (value: unknown): string => {
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(5)));
  if (typeof value === 'string') return /[\s"]/.test(value) ? JSON.stringify(value) : value;
  return JSON.stringify(value);
};

function stackOf(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [];
  const { stack, message } = error as { stack?: unknown; message?: unknown };
  const text = typeof stack === 'string' ? stack : typeof message === 'string' ? message : undefined;
  return text === undefined ? [] : text.split('\n').map((line) => `    ${line}`);
}
