import type { ArtifactManifest, ArtifactRef, Digest } from '@temper/contracts';
import { blobKey } from '../keys.js';
import { parseUri } from '../keys.js';

/**
 * How much of an artifact a reference keeps. `weights`: what can be evaluated and published, without what only training on
 * needs. `manifest`: what it was, not what is in it.
 */
export type Part = 'whole' | 'weights' | 'manifest';

export interface Reference {
  readonly digest: Digest;
  readonly part: Part;
}

/** Everything that a JSON value of the store refers to. */
export interface References {
  readonly artifacts: readonly ArtifactRef[];
  /** Keys of single blobs. */
  readonly blobs: readonly string[];
}

const isRef = (value: object): value is ArtifactRef => 'kind' in value && 'digest' in value && 'uri' in value;

/** References anywhere in a value, by their form: entries of the registry, of the stage cache, of runs, pointers, results. */
export function referencesIn(value: unknown): References {
  if (typeof value === 'string')
    return { artifacts: [], blobs: isBlobUri(value) ? [parseUri(value).key] : [] };
  if (typeof value !== 'object' || value === null) return { artifacts: [], blobs: [] };
  if (isRef(value)) return { artifacts: [value], blobs: [] };
  const found = Object.values(value).map(referencesIn);
  return {
    artifacts: found.flatMap(({ artifacts }) => artifacts),
    blobs: found.flatMap(({ blobs }) => blobs),
  };
}

const isBlobUri = (value: string) => /^s3:\/\/[^/]+\/blobs\//.test(value);

/** Files that only a training that goes on reads. */
const isState = (path: string) => path.startsWith('optimizer.');

/** Keys of the blobs that a part of an artifact needs. */
export function blobsOf(manifest: ArtifactManifest, part: Part): string[] {
  if (part === 'manifest') return [];
  const kept = part === 'weights' && manifest.kind === 'checkpoint';
  return manifest.files.filter(({ path }) => !kept || !isState(path)).map(({ digest }) => blobKey(digest));
}

/**
 * What an artifact refers to besides its files. A model keeps what it is used with and what it was made from: its base, its
 * data, the adapter and the spec. What was computed keeps the graphs that computed it. Of the tokens and the checkpoint it keeps what they were: both follow from the rest.
 */
export function referencesOf(
  manifest: ArtifactManifest,
  part: Part,
): { references: Reference[]; blobs: string[] } {
  if (part === 'manifest') return { references: [], blobs: [] };
  const { kind, meta } = manifest;
  const graphs = (kind === 'checkpoint' || kind === 'evaluation') && (meta as { graphs?: Digest }).graphs;
  if (graphs) return { references: [{ digest: graphs, part: 'whole' }], blobs: [] };
  if (kind !== 'model') return { references: [], blobs: [] };
  const { base, lineage } = (manifest as ArtifactManifest<'model'>).meta;
  const whole = [base.digest, lineage.dataset, lineage.adapter].filter((digest) => digest !== undefined);
  return {
    references: [
      ...whole.map((digest): Reference => ({ digest, part: 'whole' })),
      { digest: lineage.tokens, part: 'manifest' },
      { digest: lineage.checkpoint, part: 'manifest' },
    ],
    blobs: [blobKey(lineage.spec)],
  };
}
