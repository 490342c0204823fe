import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isStep } from '@temper/contracts';
import { createS3Store } from '@temper/s3';
import type { Services } from '@temper/services';
import { ArtifactStore, RunStore } from '@temper/storage';
import { runTrainer } from '@temper/training/trainer-process';
import { storeInputs } from '../parity/store-inputs.js';
import type { Measurement } from './measurement.js';
import type { BenchRow } from './rows.js';

/** Runs the row in a trainer process, with S3 underneath, as a worker does; the process is new each time. */
export async function runTemper(
  row: BenchRow,
  { services, threads, folder }: { services: Services; threads: number; folder: string },
): Promise<Measurement> {
  const store = createS3Store(services.env);
  const work = await mkdtemp(join(folder, 'temper-'));
  try {
    const artifacts = new ArtifactStore(store, { cacheFolder: join(folder, 'blobs') });
    const inputs = await storeInputs(trainingOf(row), artifacts, work);
    const rss = join(work, 'rss');
    const entry = join(import.meta.dirname, 'measured-trainer.js');
    const options = { env: { ...services.env, TEMPER_BENCH_RSS: rss }, entry };
    const runId = `bench-${row.id}-${work.slice(-6)}`;
    const job = {
      runId,
      attempt: 1,
      ...inputs,
      provider: 'cpu',
      threads,
      workFolder: join(work, 'work'),
    } as const;
    const trained = await runTrainer({ kind: 'train', ...job }, options);
    const lines = (await new RunStore(store).readAll(runId)).filter(isStep);
    const measured = {
      stepMs: lines.map((line) => line.stepMs),
      losses: lines.map((line) => line.loss),
      maxRssBytes: Number(await readFile(rss, 'utf8')),
    };
    if (!row.test) return measured;
    const { base, test } = await runTrainer(
      { kind: 'evaluate', ...job, checkpoint: trained.checkpoint },
      options,
    );
    return { ...measured, evaluation: { before: Number(base['loss']), after: Number(test['loss']) } };
  } finally {
    store.close();
    await rm(work, { recursive: true, force: true });
  }
}

function trainingOf(row: BenchRow) {
  return {
    modelFolder: row.model,
    splits: { train: row.train, ...(row.test ? { test: row.test } : {}) },
    task: row.task,
    method: row.lora ? ({ type: 'lora', ...row.lora } as const) : ({ type: 'full' } as const),
    training: {
      maxSteps: row.steps,
      trainBatchSize: row.batch,
      evalBatchSize: row.batch,
      learningRate: row.learningRate,
      shuffle: false,
      evalStrategy: 'no',
    } as const,
  };
}
