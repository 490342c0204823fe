import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TemperError, type Problem } from '@temper/contracts';
import type { HfConfig, Head } from './architectures/family.js';
import { recognize, type FamilyName, type Recognized } from './architectures/registry.js';
import { shownShape, type ElementType } from './formats/dtypes.js';
import { readWeightLocations, type WeightLocation } from './formats/weight-files.js';

/** A tensor of a base model, by its name in transformers' task model; `stored` is its name in the file. */
export interface Weight extends WeightLocation {
  readonly stored: string;
}

/** A folder in Hugging Face's layout whose headers have been checked; no weights are read. */
export interface BaseModel {
  readonly folder: string;
  readonly family: FamilyName;
  readonly config: HfConfig;
  readonly weights: ReadonlyMap<string, Weight>;
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
]);

/** Opens a folder; throws MODEL_UNSUPPORTED or MODEL_CORRUPT with what is wrong. */
export async function openModel(folder: string): Promise<BaseModel> {
  const config = await readConfig(folder);
  const { name, family } = recognize(config, join(folder, 'config.json'));
  const weights = new Map<string, Weight>();
  for (const [stored, location] of await readWeightLocations(folder)) {
    const canonical = family.canonicalName(stored);
    if (canonical !== undefined) weights.set(canonical, { ...location, stored });
  }
  const names = (await readdir(folder)).sort();
  return {
    folder,
    family: name,
    config,
    weights,
    tokenizerFiles: names.filter((n) => tokenizerNames.has(n)),
  };
}

export async function readConfig(folder: string): Promise<HfConfig> {
  const path = join(folder, 'config.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new TemperError(
      'MODEL_UNSUPPORTED',
      { path: folder, message: 'has no config.json', allowed: "a model folder in Hugging Face's layout" },
      { cause },
    );
  }
  try {
    const config: unknown = JSON.parse(text);
    if (typeof config === 'object' && config !== null && !Array.isArray(config)) return config as HfConfig;
  } catch (cause) {
    throw new TemperError(
      'MODEL_CORRUPT',
      { path, message: `is not JSON (${(cause as Error).message})` },
      { cause },
    );
  }
  throw new TemperError('MODEL_CORRUPT', { path, message: 'is not a JSON object', found: text.slice(0, 40) });
}

/** Missing and wrongly shaped weights, all of them; those of a head may be missing. */
export function weightProblems(
  recognized: Recognized,
  weights: ReadonlyMap<string, { readonly dtype?: ElementType; readonly shape: readonly number[] }>,
  head: Head,
  path: string,
): Problem[] {
  const problems: Problem[] = [];
  for (const { name, shape, initial } of recognized.family.parameters(recognized.settings, head)) {
    if (initial) continue;
    const weight = weights.get(name);
    const where = { path: `${path}: ${name}` };
    if (!weight) problems.push({ ...where, message: 'missing from the weights', allowed: shownShape(shape) });
    else if (!sameShape(weight.shape, shape)) {
      problems.push({
        ...where,
        message: 'has another shape than config.json says',
        found: shownShape(weight.shape),
        allowed: shownShape(shape),
      });
    } else if (weight.dtype && !floatTypes.has(weight.dtype)) {
      problems.push({
        ...where,
        message: 'is not a float tensor',
        found: weight.dtype,
        allowed: [...floatTypes].join(', '),
      });
    }
  }
  return problems;
}

const floatTypes: ReadonlySet<ElementType> = new Set(['F32', 'F16', 'BF16', 'F64']);

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);
