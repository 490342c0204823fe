import { TemperError, type Machine } from '@temper/contracts';
import { spawn, type ChildProcess } from 'node:child_process';
import type {
  EvaluateJob,
  EvaluateResult,
  GraphDigests,
  GraphsQuestion,
  Job,
  MachineQuestion,
  Question,
  TrainerEvent,
  TrainJob,
  TrainResult,
} from './job.js';
import { shownRun } from './shown-run.js';
import { trainerEnvironment } from './trainer-environment.js';

export { shownRun } from './shown-run.js';

export type {
  DamagedCheckpoint,
  EvaluateJob,
  EvaluateResult,
  GraphDigests,
  Job,
  Question,
  TrainerEvent,
  TrainJob,
  TrainResult,
} from './job.js';

export interface TrainerOptions {
  /** Every event of the child but `done` and `error`. The activity heartbeats here, and only here: a hung child times out. */
  readonly onEvent?: (event: TrainerEvent) => void;
  /** Aborting asks the child for a checkpoint at the next step boundary, and kills it after `graceMs`. */
  readonly signal?: AbortSignal | undefined;
  readonly graceMs?: number;
  /** Environment of the child besides this process's own: the address and credentials of the object store. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** JavaScript file of the child: the program of `@temper/trainer`, or one that wraps it. */
  readonly entry: string;
}

/** Exit status of a child that was asked to stop and has written its checkpoint (sysexits' EX_TEMPFAIL). */
export const INTERRUPTED_EXIT_CODE = 75;

const STDERR_KEPT = 4_000;

type Answer = (TrainerEvent & { readonly type: 'done' })['output'];

/**
 * Runs a job in a child process of its own: `session.run` blocks the event loop, a device belongs to one process,
 * and sessions leak in some versions of the runtime.
 * Rejects with the child's TemperError, with TRAINER_DIED where it ended without an answer, or with the signal's reason.
 */
export async function runTrainer(job: TrainJob, options: TrainerOptions): Promise<TrainResult>;
export async function runTrainer(job: EvaluateJob, options: TrainerOptions): Promise<EvaluateResult>;
export async function runTrainer(job: MachineQuestion, options: TrainerOptions): Promise<Machine>;
export async function runTrainer(job: GraphsQuestion, options: TrainerOptions): Promise<GraphDigests>;
export async function runTrainer(job: Job | Question, options: TrainerOptions): Promise<Answer> {
  const { signal, graceMs = 30_000 } = options;
  signal?.throwIfAborted();
  const child = spawn(process.execPath, [options.entry, job.kind, shownRun(job.runId)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: trainerEnvironment({ ...process.env, ...options.env }),
  });
  let killTimer: NodeJS.Timeout | undefined;
  const stop = () => {
    child.kill('SIGTERM');
    killTimer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await outcome(child, job, options);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(killTimer);
    signal?.removeEventListener('abort', stop);
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
}

function outcome(child: ChildProcess, job: Job | Question, options: TrainerOptions) {
  return new Promise<Answer>((resolve, reject) => {
    let stderr = '';
    let answer: (() => void) | undefined;
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-STDERR_KEPT);
    });
    child.on('message', (event: TrainerEvent) => {
      if (event.type === 'done') answer = () => resolve(event.output);
      else if (event.type === 'error') answer = () => reject(errorOf(event));
      else options.onEvent?.(event);
    });
    child.on('error', (error) => reject(died('could not be started', stderr, error)));
    // `close` comes after the last message and the last byte of stderr.
    child.on('close', (code, signalName) => {
      if (answer) answer();
      else if (code === INTERRUPTED_EXIT_CODE) reject(died('was asked to stop', stderr));
      else reject(died(signalName ? `was killed by ${signalName}` : `exited with status ${code}`, stderr));
    });
    child.send(job, (error) => {
      if (error) reject(died('took no job', stderr, error));
    });
  });
}

/** What was told as an event. */
export function errorOf(event: TrainerEvent & { readonly type: 'error' }): Error {
  if (event.code !== 'UNKNOWN') return new TemperError(event.code, event.problems);
  return new Error(event.problems.map((p) => p.message).join('\n'));
}

const goesOn = 'the run goes on from its last checkpoint, where it has one';
const outOfMemory = `${goesOn}; if it was short of memory: a smaller training.trainBatchSize or tokenize.maxLength, or a pool with more`;

/** The kernel ends what takes too much memory with SIGKILL and no word; V8 and allocators say so and abort. */
const endsForMemory = (how: string, stderr: string): boolean =>
  how.includes('SIGKILL') || /out of memory|bad_alloc|allocation failed/i.test(stderr);

function died(how: string, stderr: string, cause?: unknown): TemperError {
  const last = stderr.trim().split('\n').slice(-5).join('\n');
  return new TemperError(
    'TRAINER_DIED',
    {
      path: 'trainer',
      message: `the trainer process ${how}`,
      ...(last ? { found: last } : {}),
      hint: endsForMemory(how, stderr) ? outOfMemory : goesOn,
    },
    { cause },
  );
}
