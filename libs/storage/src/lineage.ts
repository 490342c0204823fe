import type { ArtifactKind, ArtifactManifest, ArtifactRef, Digest } from '@temper/contracts';
import type { ArtifactStore } from './artifact-store.js';

export interface LineageNode<K extends ArtifactKind = ArtifactKind> {
  readonly ref: ArtifactRef<K>;
  readonly manifest: ArtifactManifest<K>;
}

/** From a model back to everything it was made from, each manifest verified against its digest. */
export interface Lineage {
  readonly model: LineageNode<'model'>;
  readonly base: LineageNode<'base-model'>;
  /** Of a training that started from one. */
  readonly adapter?: LineageNode<'adapter'>;
  readonly dataset: LineageNode<'dataset'>;
  readonly tokens: LineageNode<'tokens'>;
  readonly checkpoint: LineageNode<'checkpoint'>;
  /** Digest of the pipeline spec's canonical JSON. */
  readonly spec: Digest;
}

/** What lineage is read from: no blob of an artifact, only what it is. */
export type Manifests = Pick<ArtifactStore, 'manifest' | 'ref'>;

export async function lineageOf(artifacts: Manifests, ref: ArtifactRef<'model'>): Promise<Lineage> {
  const node = async <K extends ArtifactKind>(of: ArtifactRef<K>): Promise<LineageNode<K>> => ({
    ref: of,
    manifest: await artifacts.manifest(of),
  });
  const model = await node(ref);
  const { base, lineage } = model.manifest.meta;
  const [baseNode, adapter, dataset, tokens, checkpoint] = await Promise.all([
    node(base),
    lineage.adapter && node(artifacts.ref('adapter', lineage.adapter)),
    node(artifacts.ref('dataset', lineage.dataset)),
    node(artifacts.ref('tokens', lineage.tokens)),
    node(artifacts.ref('checkpoint', lineage.checkpoint)),
  ]);
  const start = adapter ? { adapter } : {};
  return { model, base: baseNode, ...start, dataset, tokens, checkpoint, spec: lineage.spec };
}
