import { basename, dirname, extname, join } from 'node:path';
import { hasGlob } from './glob/parse.js';
import { unusable } from './not-found.js';
import type { FoundFiles } from './source.js';

const dataFile = /\.(csv|tsv|json|jsonl|ndjson|parquet|txt|text)(\.(gz|zst))?$/i;
const modelFile = /\.(json|safetensors|model|jinja)$|^(vocab|merges|added_tokens)\.txt$/i;
const isModelWeights = (name: string) => /\.safetensors$/i.test(name);

export const isDataFile = (file: string) => dataFile.test(file);

/** Hidden files and folders, and those that tools keep for themselves. */
export const isHidden = (name: string): boolean =>
  name.startsWith('.') ||
  name.endsWith('.dist-info') ||
  ['__pycache__', '__MACOSX', 'node_modules'].includes(name);

/** Of the files of a folder: those of the model in it, or else its data files. */
export function chooseFiles(folder: string, files: readonly string[], uri: string): FoundFiles {
  const models = modelsAmong(files);
  const top = models.find((model) => model.folder === folder && model.files.length > 1);
  if (top) return top;
  if (models.length === 1) return models[0]!;
  if (models.length > 1) {
    const names = models.map((m) => (m.files.length === 1 ? m.files[0]! : m.folder).slice(folder.length + 1));
    throw unusable(uri, 'there are several models in it', names, 'name one of them');
  }
  const adapter = adapterAmong(folder, files, uri);
  if (adapter) return adapter;
  const data = files.filter(isDataFile).filter((file, _, all) => !isAbout(file, all));
  const names = (of: readonly string[]) => of.map((file) => file.slice(folder.length + 1));
  if (data.length) {
    // Whoever writes a pattern says which files are meant.
    const other = hasGlob(uri) ? undefined : otherSplits(names(data));
    if (!other) return { folder, files: data };
    throw unusable(
      uri,
      'the files of several splits are in it',
      other,
      'name those of each split, or a pattern',
    );
  }
  throw unusable(
    uri,
    'neither a model (config.json + *.safetensors, or a .gguf file), an adapter (adapter_config.json + adapter_model.safetensors) nor data files are in it',
    names(files),
    files.some((file) => file.endsWith('.arrow'))
      ? 'a data set that was saved to disk: in Python, load_from_disk(…).to_parquet(…)'
      : undefined,
  );
}

/** The adapter in a folder itself, or the only one below it. */
function adapterAmong(folder: string, files: readonly string[], uri: string): FoundFiles | undefined {
  const adapters = adaptersAmong(files);
  const top = adapters.find((adapter) => adapter.folder === folder);
  if (top || adapters.length < 2) return top ?? adapters[0];
  const names = adapters.map((adapter) => adapter.folder.slice(folder.length + 1));
  throw unusable(uri, 'there are several adapters in it', names, 'name one of them');
}

/** What lies beside rows and has none: descriptions, locks of office programs, what Hugging Face's libraries note. */
function isAbout(file: string, all: readonly string[]): boolean {
  const name = basename(file);
  if (/^(~\$|dataset_infos?\.json$|dataset_dict\.json$)/.test(name)) return true;
  if (name === 'state.json') return all.includes(join(dirname(file), 'dataset_info.json'));
  const isDescription = /^(readme|licen[cs]e|copying|notice|changelog|requirements)\.(txt|json)$/i;
  return isDescription.test(name) && all.some((other) => !isDescription.test(basename(other)));
}

/** The names of files for another split than that of training, where there are those for training too. */
function otherSplits(names: readonly string[]): string[] | undefined {
  const words = (name: string) => new Set(name.toLowerCase().split(/[^a-z]+/));
  const has = (name: string, of: readonly string[]) => of.some((word) => words(name).has(word));
  const training = ['train', 'training'];
  const others = ['test', 'testing', 'validation', 'valid', 'val', 'dev', 'eval', 'holdout'];
  const train = names.filter((name) => has(name, training) && !has(name, others));
  const held = names.filter((name) => has(name, others) && !has(name, training));
  return train.length && held.length ? [...train.slice(0, 4), ...held] : undefined;
}

/** How sentence-transformers makes one vector of the rows of a model's tokens. */
const isPooling = (file: string) => /(^|[/\\])\d+_Pooling[/\\]config\.json$/.test(file);

/** What is taken of an adapter's folder: how it was made, its weights, and of one of ours the names of the classes. */
export const adapterFiles = ['adapter_config.json', 'adapter_model.safetensors', 'temper.json'] as const;

/** Folders that PEFT saved, with what belongs to the adapter alone. */
export function adaptersAmong(files: readonly string[]): FoundFiles[] {
  const names: readonly string[] = adapterFiles;
  const configs = files.filter((file) => basename(file) === adapterFiles[0]);
  return configs.map((config) => {
    const folder = dirname(config);
    const own = files.filter((file) => dirname(file) === folder && names.includes(basename(file)));
    return { folder, files: own.sort() };
  });
}

/**
 * The base models among files: folders that hold config.json beside *.safetensors, and single .gguf files.
 * Of a folder only what belongs to the model is taken (weights, configuration, tokenizer).
 */
export function modelsAmong(files: readonly string[]): FoundFiles[] {
  const folders = new Map<string, string[]>();
  for (const file of files) {
    const inside = folders.get(dirname(file));
    if (inside) inside.push(file);
    else folders.set(dirname(file), [file]);
  }
  const directories = [...folders].flatMap(([folder, inside]) => {
    const names = inside.map((file) => basename(file));
    const complete = names.includes('config.json') && names.some(isModelWeights);
    if (!complete) return [];
    const pooling = files.filter((file) => isPooling(file) && dirname(dirname(file)) === folder);
    const own = inside.filter((file) => modelFile.test(basename(file)));
    return [{ folder, files: [...own, ...pooling].sort() }];
  });
  const gguf = files.filter((file) => extname(file).toLowerCase() === '.gguf');
  return [...directories, ...gguf.map((file) => ({ folder: dirname(file), files: [file] }))];
}
