import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inScratch, withAdapter, type StagePorts } from '@temper/activity';
import type { Digest, TokensMeta } from '@temper/contracts';
import { missingTokenizerJson } from '@temper/data';
import type { MethodSpec, PublishInput } from '@temper/spec';
import { exportTrained } from '@temper/methods';
import { initFromOf } from '@temper/methods/schema';
import { openModel, prepareModel, readSafetensors } from '@temper/models';
import { definitionOf } from '@temper/tasks';
import { digestOf, digestOfFile } from '@temper/storage';

/** What makes the model what it is. The tokenizer comes from the base model, which the lineage names. */
const weightsAndConfig = new Set([
  'config.json',
  'model.safetensors',
  'adapter_config.json',
  'adapter_model.safetensors',
]);

export interface ExportedModel {
  /** Name in the artifact -> file of this machine. */
  readonly files: Readonly<Record<string, string>>;
  /** Of the weights and their configuration alone: an equal training has an equal digest. */
  readonly digest: Digest;
  /** Of each of these files. */
  readonly digests: Readonly<Record<string, Digest>>;
}

/** The checkpoint in the layout that PEFT (adapters) or transformers (full models) loads, for the time of `use`. */
export function withExportedModel<T>(
  ports: StagePorts,
  input: Pick<PublishInput, 'spec' | 'checkpoint' | 'baseModel' | 'adapter'> & {
    readonly method: MethodSpec;
  },
  tokens: TokensMeta,
  use: (model: ExportedModel) => Promise<T>,
): Promise<T> {
  const { spec, checkpoint, baseModel, adapter, method } = input;
  const start = { initFrom: initFromOf(spec.method), adapter };
  const exported = (scratch: string) => async (initFrom: string | undefined) => {
    const base = join(scratch, 'base');
    await ports.artifacts.materialize(baseModel, base);
    const { meta } = await ports.artifacts.manifest(baseModel);
    const path = meta.format === 'gguf' ? join(base, 'model.gguf') : base;
    const model = await openModel(await prepareModel(path, ports.modelsFolder));
    await ports.artifacts.materialize(checkpoint, scratch, ['trainable.safetensors']);
    const weights = await readSafetensors(join(scratch, 'trainable.safetensors'));
    const folder = join(scratch, 'model');
    const { head, headSize, problemType } = definitionOf(spec);
    const { labelNames } = tokens;
    const ofTask = { task: head, labels: headSize(labelNames), problemType, labelNames };
    const options = { ...ofTask, model, weights, method, initFrom };
    await exportTrained(folder, { ...options, baseName: meta.source.replace(/^hf:/, '') });
    // Of a base with a vocabulary alone: whoever loads the export needs nothing else.
    const tokenizer = await missingTokenizerJson(model.folder);
    if (tokenizer) await writeFile(join(folder, 'tokenizer.json'), tokenizer);
    return use(await described(folder));
  };
  return inScratch(ports, (scratch) => withAdapter(ports, start, exported(scratch)));
}

async function described(folder: string): Promise<ExportedModel> {
  const names = (await readdir(folder)).sort();
  const found = names
    .filter((name) => weightsAndConfig.has(name))
    .map(async (name) => [name, (await digestOfFile(join(folder, name))).digest] as const);
  const digests = Object.fromEntries(await Promise.all(found));
  return {
    files: Object.fromEntries(names.map((name) => [name, join(folder, name)])),
    digest: digestOf(digests),
    digests,
  };
}

/** As transformers keeps it: a file of its own, or in the tokenizer's configuration. */
export async function hasChatTemplate(files: ExportedModel['files']): Promise<boolean> {
  if (files['chat_template.jinja']) return true;
  const config = files['tokenizer_config.json'];
  if (!config) return false;
  const { chat_template } = JSON.parse(await readFile(config, 'utf8')) as { chat_template?: unknown };
  return chat_template !== undefined && chat_template !== null;
}
