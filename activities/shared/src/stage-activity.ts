import { hostname } from 'node:os';
import { Context, type Info } from '@temporalio/activity';
import {
  ApplicationFailure,
  ApplicationFailureCategory,
  CancelledFailure,
  type Logger,
} from '@temporalio/common';
import type { StageHeartbeat } from '@temper/contracts';
import type { StageInput, StageOutput } from '@temper/spec';
import { heldBy } from '@temper/storage';
import { activityFailure } from './failure.js';
import { DEFAULT_BEAT } from './ports.js';
import { RunLog, type RunLogs } from './run-log.js';

export interface StageContext {
  readonly info: Info;
  /** Aborted by a cancellation, a time-out, or the worker's shutdown. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Details of the next heartbeats; what is not given stays. */
  report(progress: Partial<StageHeartbeat>): void;
}

export interface StageOptions {
  /** Milliseconds between heartbeats. */
  readonly beat?: number | undefined;
  /** A worker that shuts down lets the stage end by itself, for as long as it may take. */
  readonly finishes?: boolean;
  /** Keeps what the stage logs with the run. */
  readonly logs?: RunLogs | undefined;
}

/**
 * Makes a stage out of a function: it heartbeats while the function works, turns a cancellation into an aborted signal,
 * gives errors their code and problems, and counts attempts.
 *
 * The beat says that this worker lives. Whether the work itself moves is for the stage to watch (see watchdog.ts).
 */
export function stageActivity<I extends StageInput, O extends StageOutput>(
  stage: string,
  run: (input: I, context: StageContext) => Promise<O>,
  { beat: wanted = DEFAULT_BEAT, finishes = false, logs }: StageOptions = {},
): (input: I) => Promise<O> {
  return async (input) => {
    const context = Context.current();
    const { info } = context;
    // A worker that is asked to beat seldom must not be taken for a lost one.
    const beat = info.heartbeatTimeoutMs ? Math.min(wanted, info.heartbeatTimeoutMs / 3) : wanted;
    const signal = stoppingSignal(context, finishes);
    const { preemptions } = (info.heartbeatDetails ?? {}) as Partial<StageHeartbeat>;
    const preempted = preemptions ? { preemptions } : {};
    let details: StageHeartbeat = { stage, phase: 'starting', ...preempted };
    let last = 0;
    const heartbeat = () => {
      last = performance.now();
      context.heartbeat(details);
    };
    const report = (progress: Partial<StageHeartbeat>) => {
      details = { ...details, ...progress };
      // A tiny model makes hundreds of steps a second: the timer sends what is left out here.
      if (performance.now() - last > beat / 8) heartbeat();
    };
    const timer = setInterval(heartbeat, beat);
    const { attempt } = info;
    const worker = `${hostname()}/${process.pid}`;
    const log = new RunLog(context.log, logs, { run: input.runId, stage, attempt, worker });
    log.info(`${stage} started`);
    try {
      const output = await heldBy(input.runId, () => run(input, { info, signal, log, report }));
      log.info(`${stage}: ${output.summary}`, { cached: output.cached });
      return { ...output, attempts: info.attempt, ...preempted };
    } catch (error) {
      // The next attempt reads how this one ended, and the last report may have come too soon to be sent.
      heartbeat();
      if (signal.aborted) throw interruption(context);
      // With its causes, which the failure leaves behind.
      log.warn(`${stage} failed`, { error });
      throw activityFailure(error, info.attempt, preemptions ? { preemptions } : {});
    } finally {
      clearInterval(timer);
      await log.close();
    }
  };
}

function stoppingSignal(context: Context, finishes: boolean): AbortSignal {
  if (!finishes) return context.cancellationSignal;
  const abort = new AbortController();
  context.cancellationSignal.addEventListener('abort', () => {
    if (!isShutdown(context)) abort.abort(context.cancellationSignal.reason);
  });
  return abort.signal;
}

const isShutdown = ({ cancellationDetails: details }: Context) =>
  details?.workerShutdown === true && !details.cancelRequested;

/** What follows from each reason of an interruption. */
function interruption(context: Context): Error {
  if (isShutdown(context)) {
    // Not a cancellation of the run: the next worker goes on at once.
    return ApplicationFailure.create({
      message: 'the worker is shutting down, another one goes on',
      type: 'WORKER_SHUTDOWN',
      nextRetryDelay: '500 milliseconds',
      category: ApplicationFailureCategory.BENIGN,
    });
  }
  // Cancelled, paused and reset are told apart by the SDK; after a time-out nobody listens any more.
  const reason: unknown = context.cancellationSignal.reason;
  return reason instanceof CancelledFailure ? reason : new CancelledFailure('cancelled');
}
