import { diskFull, TemperError } from '@temper/contracts';
import { createSessionFactory } from '@temper/onnxruntime';
import { createS3Store } from '@temper/s3';
import { ArtifactStore } from '@temper/storage';
import {
  evaluateModel,
  Interrupted,
  INTERRUPTED_EXIT_CODE,
  train,
  type Job,
  type TrainerEvent,
  type TrainPorts,
} from '@temper/training';
import { dirname, join } from 'node:path';

/** Composes the ports from the environment, does the job, reports its end; answers the exit status. */
export async function runJob(
  job: Job,
  { report, interrupted }: { report: (event: TrainerEvent) => void; interrupted: () => boolean },
): Promise<number> {
  try {
    // The machine's blobs and converted models are shared with its other processes.
    const cacheFolder = join(process.env.TEMPER_HOME ?? dirname(job.workFolder), 'cache');
    const ports: TrainPorts = {
      artifacts: new ArtifactStore(createS3Store(), { cacheFolder }),
      sessions: createSessionFactory(job.provider),
      report,
      interrupted,
    };
    const full = { cacheFolder: join(cacheFolder, 'models'), ...job };
    const output = full.kind === 'train' ? await train(full, ports) : await evaluateModel(full, ports);
    report({ type: 'done', output });
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) {
      report({ type: 'interrupted', step: error.step });
      return INTERRUPTED_EXIT_CODE;
    }
    report(failure(error));
    return 1;
  }
}

function failure(failed: unknown): TrainerEvent {
  const error = diskFull(failed) ?? failed;
  if (error instanceof TemperError) return { type: 'error', code: error.code, problems: error.problems };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { type: 'error', code: 'UNKNOWN', problems: [{ path: 'trainer', message }] };
}
