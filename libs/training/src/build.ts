import {
  TemperError,
  type ArtifactRef,
  type EngineIdentity,
  type Masking,
  type SplitName,
  type TokenizedSplit,
  type TokensMeta,
} from '@temper/contracts';
import { loadTokenizer, maskedHeldOut, readTokens, type TokenizedSplits } from '@temper/data';
import { lossInputs, type Graph } from '@temper/graph';
import { storedFor } from '@temper/methods';
import { initFromOf, startTextOf } from '@temper/methods/schema';
import { linkWeights, openModel, type BaseModel } from '@temper/models';
import { adapterFolder } from '@temper/storage';
import { definitionOf, minimisedOf, type Minimised, type TaskDefinition } from '@temper/tasks';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { baseSideOf, type BaseSide } from './base/base-side.js';
import { withReferences, type ReferencePorts } from './base/with-references.js';
import { KeptGraphs } from './graphs/kept-graphs.js';
import {
  graphsOfEvaluation,
  graphsOfTraining,
  inputsOfLosses,
  type GraphsOf,
  type KeptGraph,
} from './graphs/kept-of-job.js';
import type { JobGraphs } from './graphs/job-graphs.js';
import { writersOf, type Writers } from './generation/writers.js';
import { readInitialValues } from './initial-values.js';
import type { Job } from './job.js';
import { TrainableModel } from './model.js';
import { Optimizer } from './optimizer/optimizer.js';
import { optimizerSettings } from './optimizer/settings.js';
import { hasExamples } from './loop/due.js';
import { groupParameters } from './parameter-groups.js';
import { ParameterStore } from './parameters.js';
import { preparedBase } from './prepared-base.js';
import type { Session, SessionFactory } from './session.js';

/** A job's model and data, at the initial parameters. */
export interface Built extends Omit<Minimised, 'loss'> {
  readonly engine: EngineIdentity;
  /** As they are run, in the store. */
  readonly graphs: ArtifactRef<'graphs'>;
  readonly task: TaskDefinition;
  readonly model: TrainableModel;
  readonly splits: Partial<Record<SplitName, TokenizedSplit>>;
  readonly labelNames: readonly string[];
  readonly padTokenId: number;
  /** How tokens of the training split are hidden, where its labels do not say it; of the other splits they are. */
  readonly masking: Masking | undefined;
  readonly threads: number;
  /** The classification head is neither the base model's nor that of an adapter to start from. */
  readonly headIsNew: boolean;
}
export interface BuiltEvaluation extends Built {
  readonly base: BaseSide;
  readonly writers: Writers;
}
export interface BuiltTraining extends Built {
  readonly optimizer: Optimizer;
}

interface BuildPorts extends ReferencePorts {
  readonly sessions: SessionFactory;
}

/** From references to sessions: fetch → prepare → forward graph → method → compile → encode → load. */
export async function buildTraining(job: Job, ports: BuildPorts): Promise<BuiltTraining> {
  const opened = await openJob(job, ports, 'train');
  if (!opened.splits.train) throw new TemperError('DATA_INVALID', 'there is no training split');
  const { graphs, reference, kept } = graphsOfTraining({
    ...graphsOf(opened, job),
    evaluates: hasExamples(opened.splits.validation),
  });
  const assembled = await assemble(job, opened, graphs, 'all');
  // Evaluations compare with the model before whatever is minimised; a pass over all that is trained on is made where that does, too.
  const learns = lossInputs(graphs.forward.graph, opened.minimised.loss).includes('reference');
  const built = await withReferences(job, ports, {
    built: assembled,
    of: learns ? ['train', 'validation'] : ['validation'],
    base: () => baseSideOf(reference!, assembled.model, opened.load),
  });
  const optimizer = await Optimizer.create(
    built.model.store,
    optimizerSettings(job.spec.training),
    (name, graph) => opened.load(`apply-${name}.onnx`, graph, { onHost: true }),
  );
  return { ...built, optimizer, graphs: await opened.keepAll(kept()) };
}

export async function buildEvaluation(job: Job, ports: BuildPorts): Promise<BuiltEvaluation> {
  const opened = await openJob(job, ports, 'evaluate');
  const { graphs, reference, kept } = graphsOfEvaluation(graphsOf(opened, job));
  const assembled = await assemble(job, opened, graphs, 'values');
  const built = await withReferences(job, ports, {
    built: assembled,
    of: ['test'],
    base: () => baseSideOf(reference!, assembled.model, opened.load, 'reference.onnx'),
  });
  const base = baseSideOf(graphs, built.model, opened.load);
  return {
    ...built,
    graphs: await opened.keepAll(kept()),
    base,
    writers: writersOf(opened, job.spec, built.model.store),
  };
}

const graphsOf = ({ base, minimised, ...inputs }: OpenedJob, { spec }: Job): Omit<GraphsOf, 'evaluates'> => ({
  ...{ base, spec },
  inputs: { ...inputs, loss: minimised.loss },
});

const frozenOf = ({ method, model: { precision } }: Job['spec']) => ({ method, precision });

interface OpenedJob {
  readonly tokens: TokensMeta;
  readonly splits: Built['splits'];
  readonly base: BaseModel;
  readonly minimised: Minimised;
  /** Folder of the adapter to start from. */
  readonly initFrom: string | undefined;
  /** Ids of the tokens of the method's text to start from. */
  readonly startTokens: readonly number[] | undefined;
  /** Where graphs lie, with the files of their weights. */
  readonly folder: string;
  readonly threads: number;
  readonly engine: EngineIdentity;
  load(name: string, graph: Graph, options?: OnHost): Promise<Session>;
  /** For the store: whether they are loaded or not, so that equal jobs keep equal graphs. */
  keepAll(graphs: Iterable<KeptGraph>): Promise<ArtifactRef<'graphs'>>;
}

interface OnHost {
  readonly onHost?: boolean;
}

async function openJob(job: Job, { artifacts, sessions }: BuildPorts, use: string): Promise<OpenedJob> {
  const { meta: tokens } = await artifacts.manifest(job.tokens);
  const tokensFolder = join(job.workFolder, 'tokens');
  await artifacts.materialize(job.tokens, tokensFolder);
  const splits = withHidden(
    await readTokens(tokensFolder, tokens.labelKind, tokens.sequencesPerExample),
    tokens,
    job.spec,
  );

  const { labelNames } = tokens;
  const labels = splits.train?.labels ?? new Int32Array();
  const minimised = minimisedOf(definitionOf(job.spec), job.spec.training, { labelNames, labels });
  const cacheFolder = job.cacheFolder ?? join(job.workFolder, 'prepared');
  const files = join(job.workFolder, 'base');
  const model = await openModel(await preparedBase(artifacts, job.baseModel, files, cacheFolder));
  const initFrom = await adapterFolder(
    artifacts,
    { initFrom: initFromOf(job.spec.method), adapter: job.adapter },
    join(job.workFolder, 'adapter'),
  );
  const head = { task: definitionOf(job.spec).head, initFrom };
  const base = await storedFor(model, frozenOf(job.spec), head, cacheFolder);
  const folder = join(job.workFolder, `graphs-${use}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await linkWeights(base, folder);
  const threads = job.threads ?? availableParallelism();
  const engine = { ...sessions.machine, threads };
  const kept = new KeptGraphs();
  const encoded = (name: string, graph: Graph, { onHost = false }: OnHost = {}) =>
    kept.bytes(name, onHost ? graph : sessions.adapt(graph));
  return {
    ...{ tokens, splits, base, minimised, folder, threads, engine, initFrom },
    startTokens: await startTokens(job, base),
    async load(name, graph, { onHost = false } = {}) {
      const file = join(folder, name);
      await writeFile(file, encoded(name, graph, { onHost }));
      return sessions.create(file, { threads, onHost });
    },
    keepAll(graphs) {
      for (const { name, graph, ...options } of graphs) encoded(name, graph, options);
      return kept.store(artifacts, engine);
    },
  };
}

function withHidden(
  splits: TokenizedSplits,
  { masking }: TokensMeta,
  { training: { mlmProbability: probability } }: Job['spec'],
): TokenizedSplits {
  if (!masking || probability === undefined) return splits;
  const { validation, test } = splits;
  const hide = (split: TokenizedSplit) => maskedHeldOut(split, { masking, probability });
  return {
    ...splits,
    ...(validation && { validation: hide(validation) }),
    ...(test && { test: hide(test) }),
  };
}

async function startTokens({ spec }: Job, { folder }: BaseModel): Promise<number[] | undefined> {
  const text = startTextOf(spec.method);
  if (text === undefined) return undefined;
  await using tokenizer = await loadTokenizer(folder);
  return await tokenizer.encode(text);
}

async function assemble(
  job: Job,
  { tokens, splits, minimised, folder, threads, engine, load }: OpenedJob,
  { forward, gradients, evaluation }: Partial<JobGraphs> & Omit<JobGraphs, 'gradients'>,
  quantities: 'all' | 'values',
): Promise<Omit<Built, 'graphs'>> {
  const { graph, initial, trainable, randomInputs, initialized, loaded } = forward;
  const task = definitionOf(job.spec);
  const store = new ParameterStore(groupParameters(trainable), quantities);
  await readInitialValues(graph, initial, store, folder);
  const graphs = {
    outputs: task.outputs,
    lossInputs: inputsOfLosses(graph, job.spec, minimised.loss),
    randomInputs,
    rowGradients: gradients?.rowGradients ?? [],
    gradients: once(() => load('grad.onnx', gradients!.graph)),
    evaluation: once(() => load('evaluate.onnx', evaluation())),
  };
  return {
    task,
    divisor: minimised.divisor,
    chance: minimised.chance,
    model: new TrainableModel(graphs, store),
    splits,
    labelNames: tokens.labelNames,
    padTokenId: tokens.padTokenId,
    masking: tokens.masking,
    threads,
    engine,
    headIsNew: initialized.some((name) => !loaded.includes(name)),
  };
}

/** The session of a large model is loaded when it is first needed. */
function once(create: () => Promise<Session>): () => Promise<Session> {
  let session: Promise<Session> | undefined;
  return () => (session ??= create());
}
