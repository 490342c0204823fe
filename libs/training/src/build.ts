import { TemperError, type TokenizedSplit, type TokensMeta, type SplitName } from '@temper/contracts';
import { readTokens } from '@temper/data';
import { compile, encodeModel, splitRowGradients, type Graph } from '@temper/graph';
import { buildStill, buildTrainable, storedFor } from '@temper/methods';
import { initFromOf } from '@temper/methods/schema';
import { linkWeights, openModel, type BaseModel } from '@temper/models';
import type { ArtifactStore } from '@temper/storage';
import { definitionOf, type TaskDefinition } from '@temper/tasks';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readInitialValues } from './initial-values.js';
import type { Job } from './job.js';
import { TrainableModel, type ModelGraphs } from './model.js';
import { Optimizer } from './optimizer/optimizer.js';
import { optimizerSettings } from './optimizer/settings.js';
import { groupParameters } from './parameter-groups.js';
import { ParameterStore } from './parameters.js';
import { preparedBase } from './prepared-base.js';
import type { Session, SessionFactory } from './session.js';

/** A job's model, data and optimizer, at the initial parameters. */
export interface BuiltTraining {
  readonly task: TaskDefinition;
  readonly model: TrainableModel;
  readonly optimizer: Optimizer;
  readonly splits: Partial<Record<SplitName, TokenizedSplit>>;
  readonly labelNames: readonly string[];
  readonly padTokenId: number;
  readonly threads: number;
  /** The classification head is neither the base model's nor that of an adapter to start from. */
  readonly headIsNew: boolean;
}
export type BuiltEvaluation = Omit<BuiltTraining, 'optimizer'>;

interface BuildPorts {
  readonly artifacts: ArtifactStore;
  readonly sessions: SessionFactory;
}

/** From references to sessions: fetch → prepare → forward graph → method → compile → encode → load. */
export async function buildTraining(job: Job, ports: BuildPorts, use: 'train'): Promise<BuiltTraining>;
export async function buildTraining(job: Job, ports: BuildPorts, use: 'evaluate'): Promise<BuiltEvaluation>;
export async function buildTraining(
  job: Job,
  { artifacts, sessions }: BuildPorts,
  use: 'train' | 'evaluate',
): Promise<BuiltTraining | BuiltEvaluation> {
  const { meta: tokens } = await artifacts.manifest(job.tokens);
  const tokensFolder = join(job.workFolder, 'tokens');
  await artifacts.materialize(job.tokens, tokensFolder);
  const splits = await readTokens(tokensFolder, tokens.labelKind);
  if (use === 'train' && !splits.train) throw new TemperError('DATA_INVALID', 'there is no training split');

  const task = definitionOf(job.spec);
  const cacheFolder = job.cacheFolder ?? join(job.workFolder, 'prepared');
  const files = join(job.workFolder, 'base');
  const opened = await openModel(await preparedBase(artifacts, job.baseModel, files, cacheFolder));
  const base = await storedFor(opened, job.spec.method, { task: task.head }, cacheFolder);
  const folder = join(job.workFolder, `graphs-${use}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await linkWeights(base, folder);

  const write = async (name: string, graph: Graph) => {
    await writeFile(join(folder, name), encodeModel(graph));
  };
  const compiled = compileFor(job, base, tokens);
  await write('evaluate.onnx', sessions.adapt(compiled.evaluate));
  if (use === 'train') await write('grad.onnx', sessions.adapt(compiled.grad));

  const threads = job.threads ?? availableParallelism();
  const load = (name: string, onHost = false) => sessions.create(join(folder, name), { threads, onHost });
  const graphs: ModelGraphs = {
    outputs: task.outputs,
    randomInputs: compiled.randomInputs,
    rowGradients: compiled.rowGradients,
    gradients: once(() => load('grad.onnx')),
    evaluation: once(() => load('evaluate.onnx')),
  };
  const store = new ParameterStore(groupParameters(compiled.trainable), use === 'train' ? 'all' : 'values');
  await readInitialValues(compiled.forward, compiled.initial, store, folder);
  const built = {
    task,
    model: new TrainableModel(graphs, store),
    splits,
    labelNames: tokens.labelNames,
    padTokenId: tokens.padTokenId,
    threads,
    headIsNew: compiled.headIsNew,
  };
  if (use === 'evaluate') return built;
  const optimizer = await Optimizer.create(
    store,
    optimizerSettings(job.spec.training),
    async (name, graph) => {
      await write(`apply-${name}.onnx`, graph);
      // The optimizer's memory is this process's; sending it to a device and back would cost more than the step.
      return load(`apply-${name}.onnx`, true);
    },
  );
  return { ...built, optimizer };
}

function compileFor({ spec }: Job, base: BaseModel, { labelNames, head: planned }: TokensMeta) {
  const { model, method, tokenize, training } = spec;
  const { head, headSize, loss } = definitionOf(spec);
  const ofHead = { task: head, labels: headSize(labelNames), newHead: planned?.from === 'new' };
  const options = {
    ...{ ...ofHead, seed: training.seed, maxLength: tokenize.maxLength, dropout: model.dropout },
    initFrom: initFromOf(method),
  };
  const attention = tokenize.packing ? 'segments' : 'padded';
  const applied = buildTrainable(base, method, { ...options, attention });
  const compiled = (forward: typeof applied) =>
    compile({ forward: forward.graph, loss, trainable: forward.trainable.map(({ name }) => name) });
  const { grad: whole, evaluate } = compiled(applied);
  const { graph: grad, rowGradients } = splitRowGradients(whole);
  const { trainable, randomInputs, initialized, loaded } = applied;
  return {
    forward: applied.graph,
    initial: applied.initial,
    grad,
    rowGradients,
    // Dropout is part of training only, and so are packed rows.
    evaluate:
      randomInputs.length || tokenize.packing
        ? compiled(buildStill(base, method, options)).evaluate
        : evaluate,
    trainable,
    randomInputs,
    headIsNew: initialized.some((name) => !loaded.includes(name)),
  };
}

/** The evaluation session of a large model is loaded when it is first needed. */
function once(create: () => Promise<Session>): () => Promise<Session> {
  let session: Promise<Session> | undefined;
  return () => (session ??= create());
}
