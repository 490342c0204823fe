import { readdir, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest, SplitName } from '@temper/contracts';
import { ingestDataset, preprocessDataset } from '@temper/data';
import { Predictor } from '@temper/inference';
import { exportTrained, publishedFormat } from '@temper/methods';
import { headsInFiles, modelSizes, openModel, readSafetensors } from '@temper/models';
import { createSessionFactory } from '@temper/onnxruntime';
import { parsePipelineSpec, type PipelineSpec, type PipelineSpecInput } from '@temper/spec';
import { ArtifactStore, MemoryStore, RunStore } from '@temper/storage';
import { definitionOf } from '@temper/tasks';
import { evaluateModel, train, type TrainResult } from '@temper/training';
import { startingAdapter } from '../parity/starting-adapter.js';

/** Rows as they are in a user's file, and what is said of them. */
export interface TextRunSettings {
  /** A model with a tokenizer. */
  readonly modelFolder: string;
  readonly rows: { readonly train: readonly object[]; readonly test: readonly object[] };
  readonly spec: Omit<PipelineSpecInput, 'name' | 'model' | 'dataset'> & {
    readonly columns: PipelineSpecInput['dataset']['columns'];
  };
}

/** From a file of rows to a model that is asked: the stages' own functions, over a store in memory. */
export class TextRun {
  private constructor(
    readonly spec: PipelineSpec,
    private readonly folder: string,
    readonly artifacts: ArtifactStore,
    private readonly inputs: Awaited<ReturnType<typeof prepare>>,
  ) {}

  static async start(folder: string, settings: TextRunSettings): Promise<TextRun> {
    await mkdir(folder, { recursive: true });
    const { columns, ...rest } = settings.spec;
    const sources = { train: join(folder, 'train.jsonl'), test: join(folder, 'test.jsonl') };
    for (const split of ['train', 'test'] as const)
      await writeFile(sources[split], settings.rows[split].map((row) => `${JSON.stringify(row)}\n`).join(''));
    const spec = parsePipelineSpec({
      ...rest,
      name: 'texts',
      model: { base: settings.modelFolder },
      dataset: { ...sources, columns, split: { train: 1, validation: 0, test: 0 } },
    });
    const artifacts = new ArtifactStore(new MemoryStore(), { cacheFolder: join(folder, 'cache') });
    return new TextRun(spec, folder, artifacts, await prepare(spec, sources, folder, artifacts));
  }

  get tokens() {
    return this.inputs.tokens;
  }

  /** `runId`: of another run of the same spec. */
  train(runId = 'texts'): Promise<TrainResult> {
    return train({ ...this.job('train'), runId, kind: 'train' }, this.ports());
  }

  evaluate(checkpoint: TrainResult['checkpoint']) {
    return evaluateModel({ ...this.job('evaluate'), kind: 'evaluate', checkpoint }, this.ports());
  }

  /** The loss of each step. */
  async losses(): Promise<number[]> {
    const lines = await new RunStore(this.artifacts.store).readAll('texts');
    return lines.flatMap((line) => ('split' in line ? [] : [line.loss]));
  }

  /** The published model, and its folder. */
  async publish({ checkpoint }: TrainResult): Promise<{ predictor: Predictor; folder: string }> {
    const { spec, artifacts } = this;
    const { meta } = await artifacts.manifest(this.inputs.tokens);
    const model = await openModel(spec.model.base);
    const files = join(this.folder, 'published');
    await artifacts.materialize(checkpoint, files, ['trainable.safetensors']);
    const weights = await readSafetensors(join(files, 'trainable.safetensors'));
    const { head, headSize, problemType } = definitionOf(spec);
    const { labelNames } = meta;
    const options = { model, task: head, labels: headSize(labelNames), problemType, labelNames, weights };
    const exported = join(files, 'model');
    const { method } = spec;
    await exportTrained(exported, { ...options, method });
    const none: Digest = `sha256:${'0'.repeat(64)}`;
    const names = await readdir(exported);
    const artifact = await artifacts.putArtifact(
      'model',
      Object.fromEntries(names.map((name) => [name, join(exported, name)])),
      {
        ...{ task: spec.task, problemType: spec.problemType, base: this.inputs.baseModel, labelNames },
        format: publishedFormat(method),
        ...{ maxLength: spec.tokenize.maxLength, method: { ...method }, metrics: {} },
        lineage: { dataset: none, tokens: none, checkpoint: none, spec: none },
      },
    );
    const predictor = await Predictor.open(artifact, {
      ...{ artifacts, sessions: createSessionFactory('cpu'), threads: 1 },
      ...{ workFolder: join(files, 'work'), cacheFolder: join(files, 'cache') },
    });
    return { predictor, folder: exported };
  }

  private job(name: string) {
    const workFolder = join(this.folder, `work-${name}`);
    const run = { runId: 'texts', attempt: 1, provider: 'cpu', threads: 2 } as const;
    return { ...run, spec: this.spec, ...this.inputs, workFolder };
  }

  private ports() {
    return { artifacts: this.artifacts, sessions: createSessionFactory('cpu'), report: () => undefined };
  }
}

/** Ingests and preprocesses files of rows by split. Returns what a trainer's job says of them. */
export async function prepare(
  spec: PipelineSpec,
  sources: Partial<Record<SplitName, string>>,
  folder: string,
  artifacts: ArtifactStore,
) {
  const modelFolder = spec.model.base;
  const { head, labelForm } = definitionOf(spec);
  const datasetFolder = join(folder, 'dataset');
  const files = Object.fromEntries(
    Object.entries(sources).map(([split, file]) => [split, [{ files: [file] }]]),
  );
  await ingestDataset({ dataset: spec.dataset, labelForm, sources: files, folder: datasetFolder });
  const heads = headsInFiles(await openModel(modelFolder));
  const tokens = await preprocessDataset({
    ...{ spec, datasetFolder, modelFolder, folder: join(folder, 'tokens') },
    sizes: await modelSizes(modelFolder),
    headClasses: heads[head]?.classes,
    hasHead: head in heads,
  });
  const names = (await readdir(modelFolder, { withFileTypes: true })).filter((entry) => entry.isFile());
  const base = Object.fromEntries(names.map(({ name }) => [name, join(modelFolder, name)]));
  return {
    tokens: await artifacts.putArtifact('tokens', tokens.files, tokens.meta),
    baseModel: await artifacts.putArtifact('base-model', base, { format: 'directory', source: 'texts' }),
    ...(await startingAdapter(artifacts, spec.method)),
  };
}
