import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSessionFactory } from '@temper/onnxruntime';
import type { PipelineSpecInput } from '@temper/spec';
import { ArtifactStore, MemoryStore, type ObjectStore } from '@temper/storage';
import type { TrainJob, TrainResult } from '@temper/training';
import { prepare } from '../training/text-run.js';
import { wordModel } from '../training/word-model.js';
import { allCells, schemaOf, specOf, type Cell } from './cells.js';
import { userRows } from './user-rows.js';

/** Steps of eight, of eight and of five. */
const ROWS = { train: 21, validation: 9, test: 10 };

/** The models, and the rows of each task as the stages before a training leave them in a store. */
export class Workshop implements AsyncDisposable {
  readonly artifacts: ArtifactStore;
  readonly #prepared = new Map<string, ReturnType<typeof prepare>>();
  #jobs = 0;

  private constructor(
    readonly folder: string,
    readonly cells: readonly Cell[],
    store: ObjectStore,
  ) {
    this.artifacts = new ArtifactStore(store, { cacheFolder: join(folder, 'cache') });
  }

  static async open(store: ObjectStore = new MemoryStore()): Promise<Workshop> {
    const folder = await mkdtemp(join(tmpdir(), 'temper-combinations-'));
    const models = [await model(folder, 'tiny-llama'), await model(folder, 'tiny-bert')];
    return new Workshop(folder, await allCells(models), store);
  }

  /** A job of a run of its own. */
  async job(cell: Cell, training: PipelineSpecInput['training']): Promise<TrainJob> {
    const spec = specOf(cell, training);
    const runId = `combination-${++this.#jobs}`;
    const inputs = await this.#inputs(cell);
    return {
      ...{ kind: 'train', runId, attempt: 1, spec, ...inputs, provider: 'cpu', threads: 1 },
      workFolder: join(this.folder, runId),
    };
  }

  /** Digests of the weights and of the optimizer's memory. */
  async digests({ checkpoint }: TrainResult): Promise<Record<string, string>> {
    const { files } = await this.artifacts.manifest(checkpoint);
    const kept = files.filter(({ path }) => path.endsWith('.safetensors'));
    return Object.fromEntries(kept.map(({ path, digest }) => [path, digest]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  #inputs(cell: Cell): ReturnType<typeof prepare> {
    const { task, modelFolder } = cell;
    const key = JSON.stringify([task.key, task.columns, task.tokenize, modelFolder]);
    let prepared = this.#prepared.get(key);
    if (!prepared) this.#prepared.set(key, (prepared = this.#prepare(cell, this.#prepared.size)));
    return prepared;
  }

  async #prepare(cell: Cell, number: number): ReturnType<typeof prepare> {
    const schema = schemaOf(cell.task);
    const folder = await mkdtemp(join(this.folder, `inputs-${number}-`));
    const sources: Record<string, string> = {};
    let from = 0;
    for (const [split, count] of Object.entries(ROWS)) {
      sources[split] = join(folder, `${split}.jsonl`);
      const rows = userRows(schema, cell.task.columns, { from, count });
      await writeFile(sources[split], rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      from += count;
    }
    const spec = specOf(cell);
    const split = { ...spec.dataset.split, train: 1, validation: 0, test: 0 };
    const dataset = { ...spec.dataset, ...sources, split };
    return prepare({ ...spec, dataset }, sources, folder, this.artifacts);
  }
}

/** To train or evaluate in this process. */
export const portsOf = ({ artifacts }: Workshop) => ({
  ...{ artifacts, sessions: createSessionFactory('cpu'), report: () => undefined },
});

/** A tiny model whose tokenizer has a token for what is hidden. */
async function model(folder: string, name: string): Promise<string> {
  const target = await wordModel(folder, name);
  const file = join(target, 'tokenizer_config.json');
  const config = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...config, mask_token: 'w1' }));
  return target;
}
