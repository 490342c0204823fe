import { taskSchemaOf } from '@temper/tasks/schema';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inScratch, type StageContext, type StagePorts } from '@temper/activity';
import { type ArtifactRef } from '@temper/contracts';
import { sourceOptions } from './check.js';
import { checkAdapter } from '@temper/methods';
import { initFromOf } from '@temper/methods/schema';
import { checkModel } from '@temper/models';
import type { IngestInput } from '@temper/spec';
import { adapterFiles, locateAdapter, nameOfSource } from '@temper/sources';
import { publishedAdapter } from '@temper/storage';

interface IngestedAdapter {
  readonly ref: ArtifactRef<'adapter'>;
  /** For people. */
  readonly shown: string;
  readonly notes: readonly string[];
}

/**
 * Fetches the adapter of `method.initFrom`, holds it to the spec and the stored base model, and stores it by content: an
 * equal adapter is one artifact, wherever it came from. Undefined where there is none.
 * @throws TemperError SPEC_INVALID with all that does not fit, and what fetching throws
 */
export async function ingestAdapter(
  ports: StagePorts,
  { spec }: IngestInput,
  baseModel: ArtifactRef<'base-model'>,
  context: StageContext,
): Promise<IngestedAdapter | undefined> {
  const source = initFromOf(spec.method);
  if (source === undefined) return undefined;
  const shown = nameOfSource(source);
  context.report({ phase: `fetching the adapter ${shown}` });
  return inScratch(ports, async (scratch) => {
    const { folder, notes } = await located(ports, source, spec.download, join(scratch, 'adapter'), context);
    const base = join(scratch, 'base');
    await ports.artifacts.materialize(baseModel, base);
    const { meta } = await ports.artifacts.manifest(baseModel);
    const path = meta.format === 'gguf' ? join(base, 'model.gguf') : base;
    checkAdapter(folder, spec.method, await checkModel(path, taskSchemaOf(spec).head));
    const there = await readdir(folder);
    const names = adapterFiles.filter((name) => there.includes(name));
    const files = Object.fromEntries(names.map((name) => [name, join(folder, name)]));
    return { ref: await ports.artifacts.putArtifact('adapter', files, { format: 'peft' }), shown, notes };
  });
}

async function located(
  ports: StagePorts,
  source: string,
  limits: IngestInput['spec']['download'],
  scratch: string,
  { signal }: StageContext,
): Promise<{ readonly folder: string; readonly notes: readonly string[] }> {
  if (source.startsWith('model:'))
    return { folder: await publishedAdapter(ports, source, scratch), notes: [] };
  const { folder, notes = [] } = await locateAdapter(source, sourceOptions(ports, limits, signal));
  return { folder, notes };
}
