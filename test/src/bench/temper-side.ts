import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isStep } from '@temper/contracts';
import { createS3Store } from '@temper/s3';
import type { Services } from '@temper/services';
import { ArtifactStore, RunStore } from '@temper/storage';
import { runTrainer, type TrainerEvent } from '@temper/training/trainer-process';
import { storeInputs } from '../parity/store-inputs.js';
import type { Measurement } from './measurement.js';
import type { BenchRow } from './rows.js';

/** The trainer of a built checkout, which tells its memory. */
export const trainerOf = (checkout: string): string =>
  join(checkout, 'test', 'dist', 'bench', 'measured-trainer.js');

/** Runs the row in a trainer process, with S3 underneath, as a worker does; the process is new each time. */
export async function runTemper(
  row: BenchRow,
  options: {
    services: Services;
    threads: number;
    folder: string;
    entry: string;
    onEvent?: (event: TrainerEvent) => void;
  },
): Promise<Measurement> {
  const { services, threads, folder, entry, onEvent = () => undefined } = options;
  const store = createS3Store(services.env);
  const work = await mkdtemp(join(folder, 'temper-'));
  try {
    const artifacts = new ArtifactStore(store, { cacheFolder: join(folder, 'blobs') });
    const inputs = await storeInputs(trainingOf(row), artifacts, work);
    const rss = join(work, 'rss');
    const child = { env: { ...services.env, TEMPER_BENCH_RSS: rss }, entry, onEvent };
    const runId = `bench-${row.id}-${work.slice(-6)}`;
    const job = {
      runId,
      attempt: 1,
      ...inputs,
      provider: 'cpu',
      threads,
      workFolder: join(work, 'work'),
    } as const;
    const trained = await runTrainer({ kind: 'train', ...job }, child);
    const lines = (await new RunStore(store).readAll(runId)).filter(isStep);
    const { files } = await artifacts.manifest(trained.checkpoint);
    const measured = {
      trainedBytes: files.find(({ path }) => path === 'trainable.safetensors')!.bytes,
      stepMs: lines.map((line) => line.stepMs),
      losses: lines.map((line) => line.loss),
      ...(JSON.parse(await readFile(rss, 'utf8')) as Pick<Measurement, 'maxRssBytes' | 'firstStepBytes'>),
    };
    if (!row.test) return measured;
    const { base, test } = await runTrainer(
      { kind: 'evaluate', ...job, checkpoint: trained.checkpoint },
      child,
    );
    return { ...measured, evaluation: { before: Number(base['loss']), after: Number(test['loss']) } };
  } finally {
    store.close();
    await rm(work, { recursive: true, force: true });
  }
}

function methodOf({ method, lora, initFrom, nf4 }: BenchRow) {
  if (method) return method;
  if (!lora) return { type: 'full' } as const;
  return { type: nf4 ? 'qlora' : 'lora', ...lora, ...(initFrom ? { initFrom } : {}) } as const;
}

function trainingOf(row: BenchRow) {
  return {
    modelFolder: row.model,
    splits: { train: row.train, ...(row.test ? { test: row.test } : {}) },
    task: row.task,
    ...(row.packed === undefined ? {} : { tokenize: { packing: true, maxLength: row.packed } }),
    method: methodOf(row),
    ...(row.precision ? { precision: row.precision } : {}),
    training: {
      maxSteps: row.steps,
      trainBatchSize: row.batch,
      evalBatchSize: row.batch,
      learningRate: row.learningRate,
      gradientAccumulationSteps: row.accumulation ?? 1,
      shuffle: false,
      evalStrategy: 'no',
      ...(row.saveSteps ? { saveSteps: row.saveSteps } : {}),
    } as const,
  };
}
