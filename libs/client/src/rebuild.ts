import {
  TemperError,
  type ArtifactRef,
  type ModelMeta,
  type ModelVersion,
  type Problem,
  type Rebuild,
} from '@temper/contracts';
import type { FineTuneInput, PipelineSpec } from '@temper/spec';
import { secureArtifact, storedDigest, takenBy, takenWords, type ArtifactStore } from '@temper/storage';

export interface RebuildOptions {
  /** Train also where another engine or other code does it than did then. */
  readonly anyway?: boolean | undefined;
}

/** A run that makes a version again; its result has `rebuilt`. */
export interface Rebuilding {
  readonly runId: string;
  readonly version: ModelVersion;
  readonly spec: PipelineSpec;
  /** What trained the version. */
  readonly lineage: ModelMeta['lineage'];
}

/**
 * The input of a run that makes a version again: its spec, and in place of the sources what its lineage names by digest. It trains where
 * and as wide as it was trained, from nothing or from the checkpoint that the version's run began at.
 */
export function rebuildInput(
  { name, version, digest, artifact }: ModelVersion,
  { base, lineage }: Pick<ModelMeta, 'base' | 'lineage'>,
  spec: PipelineSpec,
  { artifacts, anyway = false }: RebuildOptions & { readonly artifacts: Pick<ArtifactStore, 'ref'> },
): Omit<FineTuneInput, 'runId'> & { readonly rebuild: Rebuild } {
  const { engine, code, tokens, changes, forkedFrom, adapter, dataset } = lineage;
  const { pool, threads } = spec.resources;
  const resources = {
    ...spec.resources,
    pool: engine && !anyway ? engine.provider : pool,
    threads: engine?.threads ?? threads,
  };
  return {
    spec: { ...spec, resources },
    fresh: true,
    // Of a worker that knows no rebuild: it publishes nothing.
    until: 'train',
    ...(forkedFrom ? { fork: forkedFrom } : {}),
    rebuild: {
      ...{ name, version, digest, artifact },
      pinned: {
        dataset: artifacts.ref('dataset', dataset),
        baseModel: base,
        ...(adapter ? { adapter: artifacts.ref('adapter', adapter) } : {}),
      },
      ...(anyway ? {} : { expected: { engine, code, tokens } }),
      ...(changes?.length ? { changes } : {}),
    },
  };
}

/**
 * Looks at all that a rebuild starts from, in the store itself and to the last byte, and keeps it in the name of the run (`heldBy`).
 * @throws TemperError NOT_FOUND with all that was taken, and by which rule; BLOB_CORRUPT with all that was changed
 */
export async function secureOrigins(artifacts: ArtifactStore, refs: readonly ArtifactRef[]): Promise<void> {
  const { store } = artifacts;
  const missing: Problem[] = [];
  const changed: Problem[] = [];
  for (const ref of refs) {
    const path = `${ref.kind} ${ref.digest}`;
    if (!(await secureArtifact(store, ref))) {
      const taken = await takenBy(store, ref);
      const message = 'not there any more, or not whole';
      missing.push({ path, message, ...(taken ? { found: takenWords(taken) } : {}) });
      continue;
    }
    for (const { path: file, digest } of (await artifacts.manifest(ref)).files) {
      const found = await storedDigest(store, digest);
      if (found === digest) continue;
      const message = `${file} is not what was stored`;
      changed.push({ path, message, found: found ?? 'nothing', allowed: digest });
    }
  }
  if (changed.length) throw new TemperError('BLOB_CORRUPT', changed);
  if (missing.length) throw new TemperError('NOT_FOUND', missing);
}
