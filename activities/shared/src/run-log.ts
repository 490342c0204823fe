import type { Logger, LogLevel, LogMetadata } from '@temporalio/common';
import type { RunStore } from '@temper/storage';

/** Where the log of a run is kept. */
export type RunLogs = Pick<RunStore, 'putLogs'>;

/** pino's numbers. */
const levels: Readonly<Record<LogLevel, number>> = { TRACE: 10, DEBUG: 20, INFO: 30, WARN: 40, ERROR: 50 };

/** Milliseconds that a record waits for others to be stored with it. */
const GATHERING = 1_000;
/** Of a store that is out of reach no more is kept than this. */
const MOST = 1_000;

/** What all records of an attempt say. */
interface About {
  readonly run: string;
  readonly stage: string;
  readonly attempt: number;
  /** Who says it. */
  readonly worker: string;
}

/**
 * The log of one attempt of a stage: it goes to the worker's own log, and to the store, where everybody reads what any
 * worker said about a run. What the store does not take is tried again with what follows, and never ends a stage.
 */
export class RunLog implements Logger {
  readonly #waiting: Record<string, unknown>[] = [];
  #timer: NodeJS.Timeout | undefined;
  #storing: Promise<void> = Promise.resolve();

  constructor(
    private readonly own: Logger,
    private readonly logs: RunLogs | undefined,
    private readonly about: About,
  ) {}

  log(level: LogLevel, message: string, meta: LogMetadata = {}): void {
    const { run, stage, attempt, worker } = this.about;
    this.own.log(level, message, { run, stage, attempt, ...meta });
    if (!this.logs || levels[level] < levels.INFO || this.#waiting.length >= MOST) return;
    const { error, ...rest } = meta;
    const failure = error === undefined ? {} : { err: described(error) };
    const record = { level: levels[level], time: Date.now(), msg: message, run, stage, attempt, worker };
    this.#waiting.push({ ...record, ...rest, ...failure });
    this.#timer ??= setTimeout(() => void this.#store(), GATHERING).unref();
  }

  trace = (message: string, meta?: LogMetadata) => this.log('TRACE', message, meta);
  debug = (message: string, meta?: LogMetadata) => this.log('DEBUG', message, meta);
  info = (message: string, meta?: LogMetadata) => this.log('INFO', message, meta);
  warn = (message: string, meta?: LogMetadata) => this.log('WARN', message, meta);
  error = (message: string, meta?: LogMetadata) => this.log('ERROR', message, meta);

  /** Stores what waits; a store that does not reply is not waited for longer than this many milliseconds. */
  async close(patience = 3_000): Promise<void> {
    let late: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((done) => (late = setTimeout(done, patience)));
    await Promise.race([this.#store(), limit]);
    clearTimeout(late);
  }

  #store(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return (this.#storing = this.#storing.then(async () => {
      const records = this.#waiting.splice(0) as unknown as Parameters<RunLogs['putLogs']>[1];
      try {
        await this.logs?.putLogs(this.about.run, records);
      } catch {
        this.#waiting.unshift(...(records as unknown as Record<string, unknown>[]));
      }
    }));
  }
}

/** An error as JSON holds it. */
function described(error: unknown) {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack } = error;
  return { type: name, message, stack };
}
