import type { ConfigReader } from '../config-reader.js';
import type { HfConfig } from '../family.js';

/** transformers' names of what a layer's attention sees: all tokens before, or a window of them. */
export type LayerKind = 'full_attention' | 'sliding_attention';

/**
 * `layer_types`, by the number of the layer; where it is null, what the family's rule says. A function, as the number of layers has
 * not been checked yet.
 */
export function readLayerKinds(
  read: ConfigReader,
  layers: number,
  rule: (layer: number) => LayerKind,
): (layer: number) => LayerKind {
  const found = read.value('layer_types');
  if (found === null) return rule;
  const kinds = Array.isArray(found) ? (found as unknown[]) : [];
  const isKind = (kind: unknown): kind is LayerKind =>
    kind === 'full_attention' || kind === 'sliding_attention';
  if (kinds.length !== layers || !kinds.every(isKind)) {
    read.report(
      'layer_types',
      'must be a list with the kind of each layer',
      found,
      `${layers} times full_attention or sliding_attention`,
    );
    return rule;
  }
  return (layer) => kinds[layer] as LayerKind;
}

/** Where every layer is of one kind, its name once: what a table of fields can name. */
export function uniformLayerKinds(config: HfConfig): HfConfig {
  const { layer_types: kinds } = config;
  return Array.isArray(kinds) && kinds.length
    ? { ...config, layer_types: [...new Set<unknown>(kinds)] }
    : config;
}
