import { openSync, readSync, closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HfConfig } from './architectures/family.js';
import { recognize } from './architectures/registry.js';
import { configText } from './export/config-text.js';
import { evaluateGraph, type Graph, type Initializer } from '@temper/graph';

/** A folder of goldens/ (made by goldens/make.py). */
export const goldenFolder = (name: string): string =>
  fileURLToPath(new URL(`./goldens/${name}`, import.meta.url));

/** config.json as transformers writes and reads it: JSON here has no 4.0. */
export const configFile = (config: HfConfig): string =>
  configText(config, recognize(config, 'config.json').family.fields[config.model_type]);

export interface Golden {
  readonly input_ids: number[][];
  readonly attention_mask: number[][];
  /** [batch, classes], or for language models one row a real token. */
  readonly logits: number[][];
}

export const readGolden = (name: string): Golden =>
  JSON.parse(readFileSync(goldenFolder(name), 'utf8')) as Golden;

/** Float32 external data from the files of `folder`. */
export const externalFrom =
  (folder: string) =>
  ({ data }: Initializer): Float32Array => {
    if (data.kind !== 'external') throw new TypeError('not external');
    const bytes = new Uint8Array(data.length);
    const file = openSync(join(folder, data.location), 'r');
    readSync(file, bytes, 0, data.length, data.offset);
    closeSync(file);
    return new Float32Array(bytes.buffer);
  };

type Feeds = Readonly<Record<string, { shape: number[]; data: number[] }>>;

/** A golden's inputs as graphs are fed them; every real token is counted. */
export function batchOf(golden: Pick<Golden, 'input_ids' | 'attention_mask'>): Feeds {
  const shape = [golden.input_ids.length, golden.input_ids[0]!.length];
  const mask = golden.attention_mask.flat();
  const places = golden.attention_mask.flatMap((row, b) => row.flatMap((real, t) => (real ? [b, t] : [])));
  const tokens = places.length / 2;
  return {
    input_ids: { shape, data: golden.input_ids.flat() },
    attention_mask: { shape, data: mask },
    token_places: { shape: [tokens, 2], data: places },
    label_positions: { shape: [tokens], data: Array.from({ length: tokens }, (_, row) => row) },
  };
}

/** The graph's logits for a golden's inputs, by the reference evaluator in float64. */
export const logitsOf = (graph: Graph, folder: string, golden: Golden, further: Feeds = {}): Float64Array =>
  evaluateGraph(graph, { ...batchOf(golden), ...further }, { external: externalFrom(folder) }).logits!.data;

/** Largest |a − b| over the elements; infinite where the lengths differ. */
export const largestDifference = (a: ArrayLike<number>, b: readonly number[][]): number => {
  const flat = b.flat();
  if (a.length !== flat.length) return Infinity;
  return flat.reduce((most, value, i) => Math.max(most, Math.abs(value - a[i]!)), 0);
};
