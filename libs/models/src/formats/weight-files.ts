import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TemperError, type Problem } from '@temper/contracts';
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
  const others = names.filter((name) => /\.(safetensors|bin|pt|pth|h5|msgpack|onnx)$/.test(name));
  throw new TemperError('MODEL_UNSUPPORTED', {
    path: folder,
    message: 'has no weights that can be read',
    found: others.join(', ') || 'no weight file',
    allowed: `${singleFile}, ${indexFile} with its shards, or a .gguf file`,
    ...(others.length
      ? { hint: 'convert with transformers: save_pretrained(…, safe_serialization=True)' }
      : {}),
  });
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
      missing.map((shard) => ({
        path: join(folder, shard),
        message: 'a shard of the weights is missing',
        hint: `${indexFile} names it`,
      })),
    );
  }
  const headers = new Map(
    await Promise.all(shards.map(async (shard) => [shard, await locationsIn(join(folder, shard))] as const)),
  );
  const result = new Map<string, WeightLocation>();
  const problems: Problem[] = [];
  for (const [name, shard] of Object.entries(weightMap)) {
    const location = headers.get(shard)!.get(name);
    if (location) result.set(name, location);
    else problems.push({ path: `${shard}: ${name}`, message: `missing, though ${indexFile} names it` });
  }
  if (problems.length) throw new TemperError('MODEL_CORRUPT', problems);
  return result;
}

/** {tensor name → file name}; a file name is never a path, so that an index cannot reach out of its folder. */
async function readWeightMap(file: string): Promise<Record<string, string>> {
  let json: { weight_map?: unknown };
  try {
    json = JSON.parse(await readFile(file, 'utf8')) as typeof json;
  } catch (cause) {
    throw new TemperError(
      'MODEL_CORRUPT',
      { path: file, message: `is not JSON (${(cause as Error).message})` },
      { cause },
    );
  }
  const map = json?.weight_map;
  const entries = typeof map === 'object' && map !== null ? Object.entries(map) : [];
  const bad = entries.find(([, shard]) => typeof shard !== 'string' || !/^[^/\\]+\.safetensors$/.test(shard));
  if (!entries.length || bad) {
    throw new TemperError('MODEL_CORRUPT', {
      path: file,
      message: bad
        ? `weight_map: ${bad[0]} is not in a safetensors file of the same folder`
        : 'has no weight_map',
      found: JSON.stringify(bad ? bad[1] : map) ?? 'nothing',
      allowed: '{tensor name: "model-00001-of-0000N.safetensors"}',
    });
  }
  return Object.fromEntries(entries) as Record<string, string>;
}
