import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isStep, type EvaluationMetrics, type StepMetrics } from '@temper/contracts';
import { type PipelineSpec, type PipelineSpecInput } from '@temper/spec';
import { createSessionFactory } from '@temper/onnxruntime';
import { ArtifactStore, MemoryStore, RunStore } from '@temper/storage';
import { train } from '@temper/training';
import type { Golden, TokenRow } from './golden.js';
import { storeInputs, type TokenTraining } from './store-inputs.js';

/** The settings of a golden as a spec says them. Order of the file, no evaluation: the steps alone. */
export const trainingOf = (golden: Partial<Omit<Golden, 'adapter'>>): PipelineSpecInput['training'] => ({
  maxSteps: 20,
  trainBatchSize: golden.batch ?? 4,
  gradientAccumulationSteps: golden.accumulation ?? 1,
  learningRate: golden.learningRate ?? 1e-3,
  weightDecay: golden.weightDecay ?? 0.01,
  maxGradNorm: golden.maxGradNorm === undefined ? 1 : golden.maxGradNorm,
  scheduler: golden.scheduler ?? 'linear',
  warmupSteps: golden.warmupSteps ?? 0,
  shuffle: false,
  evalStrategy: 'no',
});

type Rows = Omit<TokenTraining, 'splits'> & {
  readonly rows: readonly TokenRow[];
  /** Evaluated where the settings say so. */
  readonly validation?: readonly TokenRow[];
};

/** Trains on ONNX Runtime, with an artifact store in memory; answers the logged steps. */
export async function trainRows(run: Rows): Promise<StepMetrics[]> {
  const folder = await mkdtemp(join(tmpdir(), 'temper-parity-'));
  try {
    return (await trainTo(folder, run)).lines;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same, and leaves the trained weights in the folder. */
export async function trainTo(
  folder: string,
  { rows, validation, ...run }: Rows,
): Promise<{
  lines: StepMetrics[];
  evaluations: EvaluationMetrics[];
  spec: PipelineSpec;
  weightsFile: string;
}> {
  const artifacts = new ArtifactStore(new MemoryStore(), { cacheFolder: join(folder, 'cache') });
  const inputs = await storeInputs(
    { ...run, splits: { train: rows, ...(validation ? { validation } : {}) } },
    artifacts,
    folder,
  );
  const workFolder = join(folder, 'work');
  const { checkpoint } = await train(
    { kind: 'train', runId: 'parity', attempt: 1, ...inputs, provider: 'cpu', workFolder, threads: 2 },
    { artifacts, sessions: createSessionFactory('cpu'), report: () => undefined },
  );
  await artifacts.materialize(checkpoint, folder, ['trainable.safetensors']);
  const lines = await new RunStore(artifacts.store).readAll('parity');
  return {
    lines: lines.filter(isStep),
    evaluations: lines.filter((line): line is EvaluationMetrics => !isStep(line)),
    spec: inputs.spec,
    weightsFile: join(folder, 'trainable.safetensors'),
  };
}
