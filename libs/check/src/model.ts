import { taskSchemaOf } from '@temper/tasks/schema';
import type { PipelineSpec } from '@temper/spec';
import type { BaseHead, ModelSizes } from '@temper/data';
import { isLocalSource, modelPath } from '@temper/sources';
import { count } from './count.js';
import { checkLengths } from './lengths.js';
import type { Sight } from './sight.js';

/** Weights of at most so many bytes are read through by the check: a few seconds. Those of larger models ingest reads. */
const READ_THROUGH = 2e9;

export interface CheckedModel {
  readonly lines: readonly string[];
  /** What its files say about classes, where they could be looked at. */
  readonly head?: BaseHead | undefined;
  /** Of a model whose files could be looked at. */
  readonly sizes?: ModelSizes | undefined;
}

/** Family supported, headers whole, weights complete and finite. */
export async function checkBaseModel(sight: Sight, spec: PipelineSpec): Promise<CheckedModel> {
  const { base } = spec.model;
  if (base.startsWith('model:')) return published(sight, base);
  const { checkModel } = await import('@temper/models');
  const { checkMethod } = await import('@temper/methods');
  const source = await sight.files(base, spec).catch(async (error: unknown) => {
    // What is wrong with a model is said best by whoever reads models.
    if (isLocalSource(base)) checkMethod(spec.method, await checkModel(base, taskSchemaOf(spec).head));
    throw error;
  });
  if (!source) return { lines: [] };
  const found = await checkModel(modelPath(source), taskSchemaOf(spec).head);
  checkMethod(spec.method, found);
  const lengths = await checkLengths(spec, found);
  if (found.bytes <= READ_THROUGH && !source.cut) await found.checkFinite();
  const headers = source.cut ? ' (its headers; the weights are read by ingest)' : '';
  const about = `base model: ${found.architecture}, ${parameters(found.parameters)} parameters${headers}`;
  const { labelsOfModel, planWholeHead } = await import('@temper/data');
  const isHidden = taskSchemaOf(spec).masking && found.hasHead !== undefined;
  const head = isHidden ? [planWholeHead(found.hasHead!).message] : [];
  const lines = [...(source.notes ?? []), about, ...head, ...lengths];
  const sizes = { positions: found.maxPositions, vocabulary: found.vocabularySize };
  return found.head
    ? { lines, sizes, head: { classes: found.head.classes, names: labelsOfModel(found.head) } }
    : { lines, sizes };
}

/** Where the base model's files lie; undefined where they are in the registry or in a store that does not run yet. */
export async function baseOf(sight: Sight, spec: PipelineSpec): Promise<string | undefined> {
  const { base } = spec.model;
  if (base.startsWith('model:')) return undefined;
  const source = await sight.files(base, spec);
  return source && modelPath(source);
}

/** A model of our own registry was checked when it was published; it must be there. */
async function published(sight: Sight, base: string): Promise<CheckedModel> {
  const found = await publishedModel(sight, base);
  if (!found) return { lines: [] };
  const { name, version, meta } = found;
  const names = meta.labelNames;
  return {
    lines: [`base model: ${name}:${version} of the registry`],
    ...(names.length ? { head: { classes: names.length, names } } : {}),
  };
}

/** What the registry knows of a model; undefined where it is in a store that does not run yet. */
export async function publishedModel(sight: Sight, base: string) {
  const own = await sight.own();
  if (!own) return undefined;
  const { name, version, artifact } = await own.registry.load(base);
  const { meta } = await own.artifacts.manifest(artifact);
  return { name, version, meta };
}

const parameters = (n: number) => (n < 1e6 ? count(n) : `${(n / 1e6).toPrecision(3)}M`);
