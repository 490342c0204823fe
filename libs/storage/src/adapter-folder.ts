import { shownSource, TemperError, type ArtifactRef } from '@temper/contracts';
import type { ArtifactStore } from './artifact-store.js';
import type { Registry } from './registry.js';

/** What a run says of the adapter that it starts from. */
export interface StartingAdapter {
  /** As the spec names it; undefined where training starts from the base model alone. */
  readonly initFrom: string | undefined;
  /** As ingest stored it. */
  readonly adapter: ArtifactRef<'adapter'> | undefined;
}

/**
 * The adapter to start from, fetched into `folder`, from the store alone: what the spec names may lie on another machine.
 * Undefined where there is none.
 * @throws TemperError SPEC_INVALID where the spec names one that was not ingested
 */
export async function adapterFolder(
  artifacts: ArtifactStore,
  { initFrom, adapter }: StartingAdapter,
  folder: string,
): Promise<string | undefined> {
  if (initFrom === undefined) return undefined;
  if (!adapter)
    throw new TemperError('SPEC_INVALID', {
      path: 'method.initFrom',
      message: 'the adapter to start from was not stored by the ingest stage',
      found: shownSource(initFrom),
      hint: 'start the run anew: temper runs retry RUN --from ingest',
    });
  await artifacts.materialize(adapter, folder);
  return folder;
}

/**
 * The adapter of a published model (`model:NAME@ALIAS`), fetched into `folder`. Returns the folder.
 * @throws TemperError SPEC_INVALID where the model was published whole, NOT_FOUND where there is none
 */
export async function publishedAdapter(
  { registry, artifacts }: { readonly registry: Registry; readonly artifacts: ArtifactStore },
  source: string,
  folder: string,
): Promise<string> {
  const { artifact } = await registry.load(source);
  const { meta } = await artifacts.manifest(artifact);
  if (meta.format !== 'adapter')
    throw new TemperError('SPEC_INVALID', {
      path: 'method.initFrom',
      message: 'the model was published whole: it is no adapter',
      found: source,
      allowed: 'a published adapter',
      hint: 'train on from it as model.base',
    });
  await artifacts.materialize(artifact, folder);
  return folder;
}
