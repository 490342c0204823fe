import { tracingSettings } from '@temper/telemetry';
import type { Tracing } from '@temper/telemetry/tracing';
import { adaptGraph } from '@temper/onnxruntime/adapt-graph';
import { createS3Store } from '@temper/s3';
import { ArtifactStore, heldBy } from '@temper/storage';
import {
  evaluateModel,
  graphDigests,
  Interrupted,
  INTERRUPTED_EXIT_CODE,
  train,
  type Job,
  type Question,
  type TrainerEvent,
  type TrainPorts,
} from '@temper/training';
import { dirname, join } from 'node:path';
import { failure } from './failure.js';
import { SavingThread } from './saving/saving-thread.js';
import { StoreRequests } from './store-requests.js';

interface Parent {
  readonly report: (event: TrainerEvent) => void;
  readonly interrupted: () => boolean;
}

/** Composes the ports from the environment, does the job, reports its end; returns the exit status. */
export async function runJob(job: Job | Question, { report, interrupted }: Parent): Promise<number> {
  if (job.kind === 'machine') {
    report({ type: 'done', output: (await sessionsOf(job)).machine });
    return 0;
  }
  const requests = new StoreRequests(report);
  try {
    // The machine's blobs and converted models are shared with its other processes.
    const cacheFolder = join(process.env.TEMPER_HOME ?? dirname(job.workFolder), 'cache');
    const store = createS3Store(process.env, { onRequest: requests.add });
    const artifacts = new ArtifactStore(store, { cacheFolder });
    if (job.kind === 'graphs') {
      const ports = { artifacts, adapt: adaptGraph.bind(undefined, job.provider) };
      report({ type: 'done', output: await graphDigests(job, ports) });
      return 0;
    }
    await using tracing = await tracingOfEnvironment();
    const ports: TrainPorts = {
      artifacts,
      sessions: await sessionsOf(job),
      report,
      saverOf: (claimed) => new SavingThread({ claimed, cacheFolder }, report),
      interrupted,
      spans: tracing?.spans,
    };
    const full = { cacheFolder: join(cacheFolder, 'models'), ...job };
    const work = async () => (full.kind === 'train' ? train(full, ports) : evaluateModel(full, ports));
    const output = await inSpan(job, tracing, () => heldBy(job.runId, work));
    report({ type: 'done', output });
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) {
      report({ type: 'interrupted', step: error.step });
      return INTERRUPTED_EXIT_CODE;
    }
    report(failure(error));
    return 1;
  } finally {
    requests.flush();
  }
}

/** The runtime is loaded by who computes, or asks for it. */
const sessionsOf = async ({ provider }: Pick<Job, 'provider'>) =>
  (await import('@temper/onnxruntime')).createSessionFactory(provider);

/** Where tracing is off, nothing of it is loaded. */
async function tracingOfEnvironment(): Promise<Tracing | undefined> {
  if (!tracingSettings()) return undefined;
  return (await import('@temper/telemetry/tracing')).startTracing('temper-trainer');
}

/** Below the stage's span, whose context the worker left in the environment. */
function inSpan<T>(job: Job, tracing: Tracing | undefined, work: () => Promise<T>): Promise<T> {
  if (!tracing) return work();
  const attributes = {
    'temper.run': job.runId,
    'temper.stage': job.kind,
    'temper.pipeline': job.spec.name,
    'temper.provider': job.provider,
  };
  return tracing.below(process.env, () => tracing.spans.within(`trainer ${job.kind}`, attributes, work));
}
