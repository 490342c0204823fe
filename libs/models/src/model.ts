import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonTokens, TemperError, type Problem } from '@temper/contracts';
import { headsOf, modulesOf, type HfConfig, type Head } from './architectures/family.js';
import { parametersOf, type Parameter } from './build/module.js';
import { recognize, type FamilyName, type Recognized } from './architectures/registry.js';
import { shownShape, type ElementType } from './formats/dtypes.js';
import { firstOf, shown } from './formats/messages.js';
import { readModelText, withModelFile } from './formats/model-file.js';
import { modelJson } from './formats/model-json.js';
import { refuseQuantized } from './formats/quantized.js';
import { readWeightLocations, type WeightLocation } from './formats/weight-files.js';
import type { TensorLocation } from './formats/safetensors-header.js';
import type { StoreSpec } from './stores/form.js';
import { otherNames, refuseUnmerged } from './other-names.js';
import { tied, type Same } from './tied.js';

/** A tensor of a base model, by its name in transformers' task model; `stored` is its name in the file. */
export interface Weight extends WeightLocation {
  readonly stored: string;
}

/** Frozen weights in another form than float32, beside the model's own. */
export interface FrozenWeights {
  readonly file: string;
  readonly tensors: ReadonlyMap<string, TensorLocation>;
  readonly spec: StoreSpec;
}

/** A folder in Hugging Face's layout whose headers have been checked; no weights are read. */
export interface BaseModel {
  readonly folder: string;
  readonly family: FamilyName;
  readonly config: HfConfig;
  readonly weights: ReadonlyMap<string, Weight>;
  /** Where the frozen weights are kept in another form. */
  readonly frozen?: FrozenWeights | undefined;
  /** Names of the files in `folder` that belong to the tokenizer. */
  readonly tokenizerFiles: readonly string[];
}

const tokenizerNames = new Set([
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.jinja',
  'vocab.txt',
  'vocab.json',
  'merges.txt',
  'tokenizer.model',
  'spiece.model',
  'sentencepiece.bpe.model',
  'spm.model',
  'sentencepiece.model',
  // How answers end, which is for whoever generates what the tokenizer is for whoever reads.
  'generation_config.json',
]);

/**
 * Opens a folder: config.json, the weights' headers, and the names of the tokenizer's files. `same`: where a table and a head that may
 * be one weight are two.
 * @throws TemperError MODEL_UNSUPPORTED or MODEL_CORRUPT with what is wrong
 */
export async function openModel(folder: string, same?: Same): Promise<BaseModel> {
  const found = await readConfig(folder);
  const recognized = recognize(found, join(folder, 'config.json'));
  const { name, family } = recognized;
  const stored = await readWeightLocations(folder);
  refuseQuantized(folder, found, stored);
  refuseUnmerged(folder, new Set(stored.keys()));
  const canonical = canonicalWeights(folder, recognized, stored);
  checkLayers(recognized, canonical.keys(), folder);
  const { config, weights } = await tied(family, found, canonical, same);
  const names = (await readdir(folder)).sort();
  const tokenizerFiles = names.filter((n) => tokenizerNames.has(n));
  for (const file of tokenizerFiles) await withModelFile(join(folder, file), async () => {});
  return { folder, family: name, config, weights, tokenizerFiles };
}

/** Positions and rows of the table of tokens, also where its config.json does not say them; of a folder without weights too. */
export async function modelSizes(folder: string): Promise<{ positions: number; vocabulary: number }> {
  const { family, settings } = recognize(await readConfig(folder), join(folder, 'config.json'));
  return { positions: family.maxPositions(settings), vocabulary: family.vocabulary(settings) };
}

function canonicalWeights(
  folder: string,
  { family, settings }: Recognized,
  stored: ReadonlyMap<string, WeightLocation>,
): Map<string, Weight> {
  const weights = new Map<string, Weight>();
  const problems: Problem[] = [];
  for (const [name, location] of stored) {
    const canonical = family.canonicalName(name, settings);
    if (canonical === undefined) continue;
    const other = weights.get(canonical);
    if (other) {
      problems.push({
        path: `${folder}: ${shown(name)}`,
        message: 'is the same weight as another of the files',
        found: shown(other.stored),
      });
    }
    weights.set(canonical, { ...location, stored: name });
  }
  if (problems.length) throw new TemperError('MODEL_CORRUPT', firstOf(problems));
  return weights;
}

/** @throws TemperError MODEL_UNSUPPORTED where there is none, MODEL_CORRUPT where it cannot be read */
export async function readConfig(folder: string): Promise<HfConfig> {
  const path = join(folder, 'config.json');
  if (!(await lstat(path).catch(() => undefined))) {
    throw new TemperError('MODEL_UNSUPPORTED', {
      path: folder,
      message: 'has no config.json',
      allowed: "a model folder in Hugging Face's layout",
    });
  }
  const text = await readModelText(path);
  const config = modelJson(path, withoutPythonNumbers(text));
  if (typeof config === 'object' && config !== null && !Array.isArray(config)) return config as HfConfig;
  throw new TemperError('MODEL_CORRUPT', {
    path,
    message: 'is not a JSON object',
    found: shown(text.slice(0, 40)),
  });
}

/** Python writes NaN and Infinity into JSON, which has no such numbers: they become texts, which no setting may be. */
function withoutPythonNumbers(text: string): string {
  const pieces: string[] = [];
  let copied = 0;
  for (const { token, index } of jsonTokens(text)) {
    if (!/^-?(?:NaN|Infinity)$/.test(token)) continue;
    pieces.push(text.slice(copied, index), `"${token}"`);
    copied = index + token.length;
  }
  return pieces.join('') + text.slice(copied);
}

/** A weight as far as a header tells. */
export interface Described {
  readonly dtype?: ElementType;
  readonly shape: readonly number[];
}

/**
 * What is wrong with the weights for this configuration: the number of layers, before anything is made for each of them;
 * then missing and wrongly shaped weights, where those of a head may be missing, and weights that the architecture has
 * no use for.
 * @throws TemperError MODEL_CORRUPT or, where the weights are whole but are of another architecture, MODEL_UNSUPPORTED
 */
export function checkWeights(
  recognized: Recognized,
  weights: ReadonlyMap<string, Described>,
  head: Head,
  path: string,
): void {
  checkLayers(recognized, weights.keys(), path);
  const { family, settings } = recognized;
  const parameters = parametersOf(modulesOf(family, settings, head));
  const problems = parameters.flatMap((parameter) => parameterProblem(parameter, weights, path));
  if (problems.length) throw new TemperError('MODEL_CORRUPT', firstOf(problems));
  const ofHeads = headsOf(family, settings).flatMap(parametersOf);
  const known = new Set([...parameters, ...ofHeads].map(({ name }) => name)).add(family.tied?.head ?? '');
  const unused = [...weights].filter(([name]) => name.startsWith(family.body) && !known.has(name));
  if (unused.length) {
    throw new TemperError(
      'MODEL_UNSUPPORTED',
      firstOf(
        unused.map(([name, { shape }]) => ({
          path: `${path}: ${shown(name)}`,
          message: 'a weight that this architecture, with this configuration, has no use for',
          found: shownShape(shape),
        })),
      ),
    );
  }
}

/** Before anything is made for each layer: there are as many as the weights have. */
function checkLayers({ family, settings }: Recognized, all: Iterable<string>, path: string): void {
  const names = [...all];
  const layers = layersIn(family.layerOf, names);
  const stated = family.layers(settings);
  if (layers === stated) return;
  const problem = layers ? undefined : otherNames(names, path);
  if (problem) throw new TemperError('MODEL_UNSUPPORTED', problem);
  throw new TemperError('MODEL_CORRUPT', {
    path: `${path}: num_hidden_layers`,
    message: 'the weights have another number of layers than the configuration says',
    found: `${stated} in the configuration`,
    allowed: `${layers}, as the weights have`,
  });
}

function layersIn(layerOf: RegExp, names: Iterable<string>): number {
  const found = new Set<string>();
  for (const name of names) {
    const layer = layerOf.exec(name)?.[1];
    if (layer !== undefined) found.add(layer);
  }
  return found.size;
}

function parameterProblem(
  { name, shape, initial }: Parameter,
  weights: ReadonlyMap<string, Described>,
  path: string,
): Problem[] {
  const weight = weights.get(name);
  const where = { path: `${path}: ${name}` };
  if (initial) return [];
  if (!weight) return [{ ...where, message: 'missing from the weights', allowed: shownShape(shape) }];
  if (!sameShape(weight.shape, shape)) {
    return [
      {
        ...where,
        message: 'has another shape than config.json says',
        found: shownShape(weight.shape),
        allowed: shownShape(shape),
      },
    ];
  }
  if (!weight.dtype || floatTypes.has(weight.dtype)) return [];
  return [
    { ...where, message: 'is not a float tensor', found: weight.dtype, allowed: [...floatTypes].join(', ') },
  ];
}

const floatTypes: ReadonlySet<ElementType> = new Set(['F32', 'F16', 'BF16', 'F64']);

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);
