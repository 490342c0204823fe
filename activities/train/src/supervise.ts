import { ApplicationFailure } from '@temporalio/common';
import { watchdog, type StageContext } from '@temper/activity';
import type { ArtifactRef, StageHeartbeat, TrainInput } from '@temper/contracts';
import { checkpointKey, Pointer } from '@temper/storage';
import type { Job, TrainerEvent, TrainerOptions } from '@temper/training/trainer-process';
import { join } from 'node:path';
import type { DevicePorts } from './ports.js';

/** After so many deaths in a row at the same checkpoint another attempt would only die again. */
const DEATHS_WITHOUT_PROGRESS = 8;
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
  { info, signal, report }: StageContext,
  run: (job: Omit<Job, 'kind' | 'checkpoint'>, options: TrainerOptions) => Promise<R>,
): Promise<R> {
  const { runId, spec, baseModel, tokens } = input;
  const pointer = await new Pointer<Checkpoint>(ports.store, checkpointKey(runId)).read();
  const checkpoint = pointer?.value.ref?.uri;
  const before = info.heartbeatDetails as Heartbeat | undefined;
  const deaths = before && before.checkpoint === checkpoint ? (before.deaths ?? 0) + 1 : 0;
  if (deaths >= DEATHS_WITHOUT_PROGRESS) throw givenUp(deaths, info.attempt);
  const started: Partial<Heartbeat> = { deaths, ...(checkpoint ? { checkpoint } : {}) };
  report(started);
  using dog = watchdog();
  const job = {
    runId,
    // A run that is started again counts its attempts from one, but must move the pointer of the execution before it.
    attempt: Math.max(info.attempt, (pointer?.value.attempt ?? 0) + 1),
    spec,
    baseModel,
    tokens,
    provider: ports.provider,
    workFolder: join(ports.workFolder, runId),
    cacheFolder: ports.modelsFolder,
    ...(spec.resources.threads ? { threads: spec.resources.threads } : {}),
  };
  return run(job, {
    graceMs: GRACE,
    ...ports.trainer,
    env: { TEMPER_HOME: ports.home, ...ports.trainer?.env },
    signal: AbortSignal.any([signal, dog.signal]),
    onEvent: (event) => {
      dog.touch(isSteady(event));
      report(heartbeatOf(event));
    },
  });
}

/** Training and evaluating go in equal steps; everything else takes as long as it takes. */
const isSteady = (event: TrainerEvent) =>
  event.type === 'progress' && (event.phase === 'training' || event.phase === 'evaluating');

function heartbeatOf(event: TrainerEvent): Partial<StageHeartbeat> {
  if (event.type === 'checkpoint') return { checkpoint: event.ref.uri };
  if (event.type !== 'progress') return {};
  const { type: _, ...progress } = event;
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
