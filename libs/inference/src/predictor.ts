import type { ArtifactRef, ModelMeta } from '@temper/contracts';
import { readMethodSpec, type MethodSpec } from '@temper/methods/schema';
import { loadTokenizer, type TextPair, type Tokenizer } from '@temper/data';
import { encodeModel, withValues } from '@temper/graph';
import { adapterIn, buildStill, positionsTaken, settledBy, storedFor, type Adapter } from '@temper/methods';
import { buildForward, linkWeights, modelSizes, openModel, type BaseModel } from '@temper/models';
import type { ArtifactStore } from '@temper/storage';
import { definitionOf, type Reading, type TaskDefinition } from '@temper/tasks';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  Decoder,
  preparedBase,
  type GenerationGraph,
  type Session,
  type SessionFactory,
} from '@temper/training';
import { classify } from './classify.js';
import { fillHidden } from './fill.js';
import { findAnswers } from './find.js';
import { tagWords } from './tag.js';
import { generate, type GenerateOptions, type Generation, type Prompt } from './generate.js';

export interface PredictorOptions {
  readonly artifacts: ArtifactStore;
  readonly sessions: SessionFactory;
  /** For the graph; removed by `dispose`. */
  readonly workFolder: string;
  /** Folder for converted base models, shared by runs. */
  readonly cacheFolder: string;
  readonly threads?: number;
}

/** A published model, ready to be asked. */
export class Predictor implements AsyncDisposable {
  private constructor(
    readonly meta: ModelMeta,
    private readonly tokenizer: Tokenizer,
    private readonly forward: GenerationGraph,
    private readonly session: Session,
    private readonly positions: number,
    private readonly folder: string,
  ) {}

  /** Loads a full model, or the base model with the adapter. */
  static async open(model: ArtifactRef<'model'>, options: PredictorOptions): Promise<Predictor> {
    const { artifacts, sessions } = options;
    const { meta } = await artifacts.manifest(model);
    await mkdir(options.workFolder, { recursive: true });
    const folder = await mkdtemp(join(options.workFolder, 'predict-'));
    const published = join(folder, 'model');
    await artifacts.materialize(model, published);
    const opened = await openModel(
      meta.format === 'full'
        ? published
        : await preparedBase(artifacts, meta.base, join(folder, 'base'), options.cacheFolder),
    );
    // What was published says its own settings: of a projected prefix it has what the network made, and no network.
    const said = readMethodSpec(meta.method);
    const adapter = meta.format === 'full' ? undefined : adapterIn(published, said);
    const method = settledBy(said, adapter);
    const head = { task: definitionOf(meta).head };
    const { format, precision } = meta;
    const frozen = { method, precision };
    const base = format === 'full' ? opened : await storedFor(opened, frozen, head, options.cacheFolder);
    const graphs = join(folder, 'graphs');
    await linkWeights(base, graphs);
    const file = join(graphs, 'forward.onnx');
    const forward = forwardGraph(base, meta, { method, adapter });
    await writeFile(file, encodeModel(sessions.adapt(forward.graph)));
    const session = await sessions.create(file, { threads: options.threads ?? availableParallelism() });
    const positions = (await modelSizes(base.folder)).positions - positionsTaken(method);
    const limited = { ...meta, maxLength: Math.min(meta.maxLength, positions) };
    return new Predictor(limited, await loadTokenizer(published), forward, session, positions, folder);
  }

  get task(): TaskDefinition {
    return definitionOf(this.meta);
  }

  /** What the task reads from each text: its class with all probabilities, its classes, its number, what is named or hidden in it. */
  classify(texts: readonly string[]): Promise<Reading[]> {
    const { readWords, readHidden } = this.task;
    if (readHidden) return fillHidden(this.session, this.tokenizer, readHidden, this.meta, texts);
    if (readWords) return tagWords(this.session, this.tokenizer, readWords, this.meta, texts);
    return classify(this.session, this.tokenizer, this.task, this.meta, texts);
  }

  /** Of each question what answers it in the text that it is about. @throws TemperError DATA_INVALID for a question without room for that. */
  find(asked: readonly TextPair[]): Promise<Reading[]> {
    return findAnswers(this.session, this.tokenizer, this.task.readSpan!, this.meta, asked);
  }

  /** Goes on from a prompt, always with the likeliest token, as far as the model has positions. */
  generate(prompt: Prompt, options: GenerateOptions = {}): Promise<Generation> {
    return generate(new Decoder(this.session, this.forward), this.tokenizer, this.positions, prompt, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.release();
    await this.tokenizer[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}

interface Published {
  readonly method: MethodSpec;
  readonly adapter: Adapter | undefined;
}

function forwardGraph(base: BaseModel, meta: ModelMeta, { method, adapter }: Published): GenerationGraph {
  const { format, labelNames } = meta;
  const { head, headSize, prediction } = definitionOf(meta);
  const attention = prediction === 'generate' ? 'cached' : 'padded';
  const options = { task: head, labels: headSize(labelNames), attention, seed: 0 } as const;
  if (format === 'full') return buildForward(base, options);
  const { graph, initial, ...forward } = buildStill(base, method, { ...options, initFrom: adapter });
  return { ...forward, graph: withValues(graph, initial) };
}
