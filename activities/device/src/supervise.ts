import { ApplicationFailure } from '@temporalio/common';
import { activityFailure, watchdog, type StageContext } from '@temper/activity';
import { TemperError, type ArtifactRef, type StageHeartbeat } from '@temper/contracts';
import { type TrainInput } from '@temper/spec';
import { checkpointKey, Pointer } from '@temper/storage';
import type { DamagedCheckpoint, Job, TrainerEvent, TrainerOptions } from '@temper/training/trainer-process';
import { join } from 'node:path';
import { threadsOf } from './engine.js';
import type { DevicePorts } from './ports.js';
import { trainerProgram } from './trainer-program.js';

/** After so many deaths in a row at the same checkpoint another attempt would only die again. */
const DEATHS_WITHOUT_PROGRESS = 8;
/** After a death that cost no more than the steps since a checkpoint of the same attempt: no growing pause. */
const AT_ONCE = '1 second';
/** Milliseconds for a last checkpoint when the stage is interrupted. */
const GRACE = 15_000;

interface Checkpoint {
  readonly attempt: number;
  readonly ref?: ArtifactRef<'checkpoint'>;
}
type Heartbeat = StageHeartbeat & { readonly deaths?: number };

/**
 * Runs one job in a trainer process: reports what the child does as heartbeats, stops the child on
 * cancellation, shutdown and when it hangs, and gives up a job that dies again and again at the same place.
 */
export async function superviseTrainer<R>(
  ports: DevicePorts,
  input: TrainInput,
  { info, signal, report, log }: StageContext,
  run: (job: Omit<Job, 'kind' | 'checkpoint'>, options: TrainerOptions) => Promise<R>,
): Promise<R> {
  const { runId, spec } = input;
  const pointer = await new Pointer<Checkpoint>(ports.store, checkpointKey(runId)).read();
  const checkpoint = pointer?.value.ref?.uri;
  const deaths = deathsAt(checkpoint, info.heartbeatDetails as Heartbeat | undefined);
  if (deaths >= DEATHS_WITHOUT_PROGRESS) throw givenUp(deaths, info.attempt);
  const started: Partial<Heartbeat> = { deaths, ...(checkpoint ? { checkpoint } : {}) };
  report(started);
  using dog = watchdog(ports.watchdog);
  using observed = ports.observer?.({ pipeline: spec.name });
  // A run that is started again counts its attempts from one, but must move the pointer of the execution before it.
  const attempt = Math.max(info.attempt, (pointer?.value.attempt ?? 0) + 1);
  let progressed = false;
  // Awaited here: the watchdog lives as long as this function.
  return await run(jobOf(ports, input, attempt), {
    graceMs: GRACE,
    ...ports.trainer,
    entry: trainerProgram(ports.trainer),
    env: { TEMPER_HOME: ports.home, ...observed?.env, ...ports.trainer?.env },
    signal: AbortSignal.any([signal, dog.signal]),
    onEvent: (event) => {
      observed?.onEvent(event);
      if (event.type === 'store') return;
      if (event.type === 'log') return log[event.level](event.message, event.attributes);
      dog.touch(isSteady(event));
      if (event.type === 'checkpoint') progressed = true;
      if (event.type === 'damaged') log.warn(damageOf(event.damaged), { run: runId });
      report(heartbeatOf(event));
    },
  }).catch((error: unknown) => {
    // Not where it was asked to end: it has said so itself.
    if (!signal.aborted && error instanceof TemperError && error.code === 'TRAINER_DIED') {
      log.warn(error.problems[0]!.message, { found: error.problems[0]!.found });
    }
    const again = progressed && error instanceof TemperError && error.retryable;
    throw again ? activityFailure(error, info.attempt, { nextRetryDelay: AT_ONCE }) : error;
  });
}

/** In a row, since training last got any further. */
function deathsAt(checkpoint: string | undefined, before: Heartbeat | undefined): number {
  if (!before || before.checkpoint !== checkpoint) return 0;
  // Whoever gave its device away has not died.
  return (before.deaths ?? 0) + (before.preempted ? 0 : 1);
}

function jobOf(ports: DevicePorts, { runId, spec, baseModel, adapter, tokens }: TrainInput, attempt: number) {
  const threads = threadsOf(ports, spec.resources);
  return {
    runId,
    attempt,
    spec,
    baseModel,
    ...(adapter ? { adapter } : {}),
    tokens,
    provider: ports.provider,
    workFolder: join(ports.workFolder, runId),
    cacheFolder: ports.modelsFolder,
    ...(threads ? { threads } : {}),
  };
}

/** `the checkpoint of step 40 is damaged, training went on from step 20` */
export const damageOf = (damaged: readonly DamagedCheckpoint[]): string =>
  damaged
    .map(
      ({ step, resumedFrom }) =>
        `the checkpoint of step ${step} is damaged, training went on from step ${resumedFrom}`,
    )
    .join('; ');

/** Training and evaluating go in equal steps; everything else takes as long as it takes. */
const isSteady = (event: TrainerEvent) =>
  event.type === 'progress' && (event.phase === 'training' || event.phase === 'evaluating');

function heartbeatOf(event: TrainerEvent): Partial<Heartbeat> {
  if (event.type === 'checkpoint') return { checkpoint: event.ref.uri, deaths: 0 };
  if (event.type !== 'progress') return {};
  const { type: _, done: _sums, ...progress } = event;
  return progress;
}

function givenUp(deaths: number, attempt: number): ApplicationFailure {
  const problem = {
    path: 'trainer',
    message: `the trainer died ${deaths} times without getting any further`,
    hint: 'the machine may be short of memory: try a smaller training.trainBatchSize or tokenize.maxLength',
  };
  return ApplicationFailure.create({
    message: `${problem.message}; ${problem.hint}`,
    type: 'TRAINER_DIED',
    nonRetryable: true,
    details: [[problem], attempt],
  });
}
