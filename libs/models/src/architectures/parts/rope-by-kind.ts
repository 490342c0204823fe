import type { ConfigReader } from '../config-reader.js';
import type { Rope } from '../rope.js';
import { ropeOf, type RopeOptions } from '../rope-config.js';
import type { LayerKind } from './layer-kinds.js';

/**
 * The rope of one kind of layer: `rope_parameters` by the kind. Up to transformers 4: `theta` is its field of config.json, and
 * `rope_scaling` is of the layers that see all tokens.
 */
export function readRopeOf(read: ConfigReader, kind: LayerKind, theta: string, options: RopeOptions): Rope {
  const nested = objectOf(read, 'rope_parameters');
  const scaling = kind === 'full_attention' ? objectOf(read, 'rope_scaling') : {};
  const own = nested[kind] ?? {};
  const found = typeof own === 'object' ? { ...own, ...scaling } : own;
  const strange = Object.keys(nested).find(
    (name) => name !== 'full_attention' && name !== 'sliding_attention',
  );
  if (strange !== undefined && kind === 'full_attention')
    read.report(
      `rope_parameters.${strange}`,
      'is no kind of layer',
      nested[strange],
      'full_attention, sliding_attention',
    );
  return ropeOf(read, { name: `rope_parameters.${kind}`, found, theta }, options);
}

function objectOf(read: ConfigReader, name: string): Record<string, unknown> {
  const value = read.value(name) ?? {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  read.report(name, 'must be an object', value);
  return {};
}
