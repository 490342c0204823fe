import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { engineWords, isStep, type ArtifactRef } from '@temper/contracts';
import { optimizerNames, scheduleNames, settingsOf, type OptimizerName } from '@temper/optimizers';
import { digestOf, digestOfBytes, RunStore } from '@temper/storage';
import type { PipelineSpecInput } from '@temper/spec';
import { evaluateModel, graphDigests, train } from '@temper/training';
import { Optimizer } from '@temper/training/optimizer/optimizer';
import { groupParameters } from '@temper/training/parameter-groups';
import { ParameterStore } from '@temper/training/parameters';
import { derivedUniform } from '../parity/derived.js';
import { sourceFolder } from '../parity/source-folder.js';
import { oneOfEachMethod, type Cell } from './cells.js';
import { schedules } from './members.js';
import { portsOf, type Workshop } from './workshop.js';

/** What a training came to: numbers that any engine comes near to, and a digest of all bits by the engine that made them. */
export interface RecordedTraining {
  /** Of the digests of the graphs of training and evaluation. */
  readonly graphs: string;
  readonly rates: readonly number[];
  readonly tokens: readonly number[];
  readonly losses: readonly number[];
  readonly norms: readonly number[];
  /** Losses of the base model and of the trained one on the test split. */
  readonly measured: readonly [base: number, test: number];
  /** Of the weights, the optimizer's memory and every metric. */
  readonly bits: Readonly<Record<string, string>>;
}

export interface Recorded {
  /** RESULTS_CODE when it was recorded. */
  readonly version: string;
  readonly trainings: Readonly<Record<string, RecordedTraining>>;
  /** Of parameters after three updates in WebAssembly, the same bits on every machine. */
  readonly updates: Readonly<Record<string, string>>;
}

export const recordFile = join(sourceFolder, 'combinations', 'goldens', 'recorded.json');
export const readRecorded = async () => JSON.parse(await readFile(recordFile, 'utf8')) as Recorded;

/** Of each method one cell, and with it in turn the optimizers and the schedules. */
export function recordedCells(workshop: Workshop) {
  return oneOfEachMethod(workshop.cells).map((cell, i) => {
    const optimizer = optimizerNames[i % optimizerNames.length]!;
    const schedule = schedules[i % scheduleNames.length]!;
    const name = `${cell.name} · ${optimizer} · ${schedule.name}`;
    return { name, cell, training: { ...schedule.training, optimizer } };
  });
}

const usual: PipelineSpecInput['training'] = {
  ...{ maxSteps: 4, trainBatchSize: 4, gradientAccumulationSteps: 2, learningRate: 1e-3, warmupSteps: 1 },
  ...{ evalStrategy: 'steps', evalSteps: 2, evalBatchSize: 4, seed: 11 },
};

export async function recordTraining(
  workshop: Workshop,
  cell: Cell,
  training: PipelineSpecInput['training'],
) {
  const job = await workshop.job(cell, { ...usual, ...training });
  const ports = portsOf(workshop);
  const { adapt, machine } = ports.sessions;
  const graphs = await graphDigests({ ...job, kind: 'graphs' }, { ...ports, adapt });
  const result = await train(job, ports);
  const { checkpoint } = result;
  const { base, test, rows } = await evaluateModel(
    { ...job, kind: 'evaluate', checkpoint, fresh: true },
    ports,
  );
  const lines = await new RunStore(workshop.artifacts.store).readAll(job.runId);
  const steps = lines.filter(isStep);
  const timeless = lines.map((line) => ({ ...line, stepMs: 0 }));
  const all = { weights: await workshop.digests(result), lines: timeless, base, test };
  const record: RecordedTraining = {
    graphs: short(digestOf(graphs)),
    rates: steps.map(({ learningRate }) => learningRate),
    tokens: steps.map(({ tokens }) => tokens),
    losses: steps.map(({ loss }) => loss),
    norms: steps.map(({ gradNorm }) => gradNorm),
    measured: [Number(base.loss), Number(test.loss)],
    bits: { [engineWords({ ...machine, threads: job.threads! })]: short(digestOf(all)) },
  };
  // What headers tell of the graphs, and what was stored of them.
  const stored = {
    train: await storedGraphs(workshop, checkpoint),
    evaluate: await storedGraphs(workshop, rows),
  };
  return { record, told: graphs, stored };
}

/** The files of the graphs that a checkpoint or an evaluation names. */
export async function storedGraphs(
  { artifacts }: Pick<Workshop, 'artifacts'>,
  ref: ArtifactRef<'checkpoint'> | ArtifactRef<'evaluation'>,
): Promise<Record<string, string>> {
  const { graphs } = (await artifacts.manifest<'checkpoint' | 'evaluation'>(ref)).meta;
  const { files } = await artifacts.manifest(artifacts.ref('graphs', graphs!));
  return Object.fromEntries(files.map(({ path, digest }) => [path, digest]));
}

const short = (digest: string) => digest.slice('sha256:'.length, 'sha256:'.length + 16);

/** By the rules that run in WebAssembly: gradients are made up, so that nothing of an engine is in it. */
export async function recordUpdates(): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const name of optimizerNames) {
    const digest = await updated(name).catch(noKernel);
    if (digest) digests[name] = digest;
  }
  return digests;
}

class NoKernel extends Error {}

const noKernel = (error: unknown) => {
  if (error instanceof NoKernel) return undefined;
  throw error;
};

async function updated(optimizer: OptimizerName): Promise<string> {
  const store = new ParameterStore(
    groupParameters([
      { name: 'a.weight', kind: 'kernel', shape: [37, 53] },
      { name: 'a.bias', kind: 'bias', shape: [53] },
    ]),
  );
  store.values.set(derivedUniform(store.values.length, 1, 0.5));
  const settings = settingsOf(optimizer, { weightDecay: 0.01 }) as { weightDecay: number };
  const made = await Optimizer.create(store, { optimizer, settings, maxGradNorm: 1 }, () => {
    throw new NoKernel();
  });
  for (const step of [1, 2, 3]) {
    store.gradients.set(derivedUniform(store.gradients.length, step + 1, 0.1));
    await made.step({ step, learningRate: 1e-3 / step, counted: 3, gradNorm: made.gradNorm(3) });
  }
  const { buffer, byteOffset, byteLength } = store.values;
  return short(digestOfBytes(new Uint8Array(buffer, byteOffset, byteLength)));
}
