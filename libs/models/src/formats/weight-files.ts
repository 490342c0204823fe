import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { TemperError, type Problem } from '@temper/contracts';
import { firstOf, shown } from './messages.js';
import { readModelText } from './model-file.js';
import { modelJson } from './model-json.js';
import { readSafetensorsHeader, type TensorLocation } from './safetensors-header.js';

/** A tensor of a model folder: its place, in which file. */
export interface WeightLocation extends TensorLocation {
  readonly file: string;
}

export const singleFile = 'model.safetensors';
export const indexFile = 'model.safetensors.index.json';

/** Headers of `model.safetensors`, or of the shards that `model.safetensors.index.json` names. */
export async function readWeightLocations(folder: string): Promise<Map<string, WeightLocation>> {
  const names = await readdir(folder);
  if (names.includes(singleFile)) return locationsIn(join(folder, singleFile));
  if (names.includes(indexFile)) return shardedLocations(folder, names);
  throw noWeights(folder, names);
}

const convert = 'convert with transformers: from_pretrained(…).save_pretrained(…, safe_serialization=True)';

/** What lies there instead, and the mend for it. */
export function noWeights(folder: string, names: readonly string[]): TemperError {
  const pickles = names.filter(
    (name) =>
      /\.(bin|pt|pth|ckpt|pkl)$/.test(name) && !/(optimizer|scheduler|training_args|rng_state)/.test(name),
  );
  const others = names.filter((name) => /\.(safetensors|h5|msgpack|onnx|gguf)$/i.test(name));
  const isAdapter = names.includes('adapter_config.json');
  const hint = isAdapter
    ? 'give its base as model.base, and the adapter as method.initFrom'
    : (mendOf(others) ?? (others.length || pickles.length ? convert : undefined));
  return new TemperError('MODEL_UNSUPPORTED', {
    path: folder,
    message: isAdapter
      ? 'is an adapter, which is no model without its base'
      : pickles.length && !others.length
        ? 'has pickled weights alone, which run code when they are read'
        : 'has no weights that can be read',
    found: [...others, ...pickles].slice(0, 5).join(', ') || 'no weight file',
    allowed: `${singleFile}, ${indexFile} with its shards, or a .gguf file`,
    ...(hint ? { hint } : {}),
  });
}

/** Safetensors files that are there by another name. */
function mendOf(names: readonly string[]): string | undefined {
  const files = names.filter((name) => /\.safetensors$/i.test(name));
  if (files.some((name) => /-\d{5}-of-\d{5}\.safetensors$/.test(name)))
    return `${indexFile}, which says what is in which file, is missing: fetch it too`;
  if (files.some((name) => name.startsWith('consolidated')))
    return "weights in their maker's own layout: take the ones in Hugging Face's";
  return files.length === 1 ? `is it the whole model? Then name it ${singleFile}` : undefined;
}

async function locationsIn(file: string): Promise<Map<string, WeightLocation>> {
  const { tensors } = await readSafetensorsHeader(file);
  return new Map([...tensors].map(([name, location]) => [name, { ...location, file }]));
}

async function shardedLocations(
  folder: string,
  present: readonly string[],
): Promise<Map<string, WeightLocation>> {
  const weightMap = await readWeightMap(join(folder, indexFile));
  const shards = [...new Set(Object.values(weightMap))].sort();
  const missing = shards.filter((shard) => !present.includes(shard));
  if (missing.length) {
    throw new TemperError(
      'MODEL_CORRUPT',
      firstOf(
        missing.map((shard) => ({
          path: join(folder, shard.slice(0, 200)),
          message: 'a shard of the weights is missing',
          hint: `${indexFile} names it`,
        })),
      ),
    );
  }
  const result = new Map<string, WeightLocation>();
  const problems: Problem[] = [];
  for (const shard of shards) {
    for (const [name, location] of await locationsIn(join(folder, shard))) {
      const other = result.get(name);
      if (other) {
        problems.push({
          path: `${shard}: ${shown(name)}`,
          message: 'is in two shards',
          found: basename(other.file),
        });
      }
      result.set(name, location);
    }
  }
  for (const [name, shard] of Object.entries(weightMap)) {
    const found = result.get(name);
    if (found && basename(found.file) === shard) continue;
    problems.push({
      path: `${shard}: ${shown(name)}`,
      message: `missing, though ${indexFile} names it`,
      ...(found ? { found: `it is in ${basename(found.file)}` } : {}),
    });
  }
  if (problems.length) throw new TemperError('MODEL_CORRUPT', firstOf(problems));
  return result;
}

/** {tensor name → file name}; a file name is never a path, so that an index cannot reach out of its folder. */
async function readWeightMap(file: string): Promise<Record<string, string>> {
  const text = await readModelText(file);
  const json = modelJson(file, text) as { weight_map?: unknown } | null;
  const map = json?.weight_map;
  const entries = typeof map === 'object' && map !== null ? Object.entries(map) : [];
  const bad = entries.find(([, shard]) => typeof shard !== 'string' || !/^[^/\\]+\.safetensors$/.test(shard));
  if (!entries.length || bad) {
    throw new TemperError('MODEL_CORRUPT', {
      path: file,
      message: bad
        ? `weight_map: ${shown(bad[0])} is not in a safetensors file of the same folder`
        : 'has no weight_map',
      found: shown(bad ? bad[1] : map),
      allowed: '{tensor name: "model-00001-of-0000N.safetensors"}',
    });
  }
  return Object.fromEntries(entries) as Record<string, string>;
}
