import { taskSchemaOf } from '@temper/tasks/schema';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { cachedStage, inScratch, type StageContext, type StagePorts } from '@temper/activity';
import {
  metaOfHeads,
  sourceInWords,
  TemperError,
  type ArtifactRef,
  type BaseModelMeta,
} from '@temper/contracts';
import { type IngestInput } from '@temper/spec';
import { checkModel, headsInFiles, locateModel, openModel, weightFiles } from '@temper/models';
import { sourceOptions } from './check.js';
import { checkMethod } from '@temper/methods';
import { modelPath, nameOfSource, resolveSource } from '@temper/sources';

/** Raise it where an equal source is stored as another artifact than before. */
const CODE = 'ingest-model/5';

/** Fetches the base model and stores it by content: the files of a Hugging Face folder, or one GGUF file. */
export async function ingestBaseModel(ports: StagePorts, input: IngestInput, context: StageContext) {
  const { base } = input.spec.model;
  context.report({ phase: `fetching ${sourceInWords(base)}` });
  if (base.startsWith('model:')) return published(ports, input, context);
  const source = await resolveSource(base, sourceOptions(ports, input.spec.download, context.signal));
  const name = nameOfSource(base);
  const entry = { code: CODE, inputs: [source.digest], spec: { source: name } };
  const result = await cachedStage(ports, 'ingest', entry, input.fresh, async () => {
    context.report({ phase: `storing ${sourceInWords(base)}` });
    const path = modelPath(source);
    await check(path, input, context);
    return { baseModel: await putModel(ports, path, name) };
  });
  return { ...result, notes: source.notes };
}

/** What the command line's check looks at, and all weights however large they are. */
async function check(path: string, { spec }: IngestInput, context: StageContext): Promise<void> {
  const found = await checkModel(path, taskSchemaOf(spec).head);
  checkMethod(spec.method, found);
  context.report({ phase: `reading the weights of ${sourceInWords(spec.model.base)}` });
  await found.checkFinite(context.signal);
}

async function putModel(ports: StagePorts, path: string, source: string): Promise<ArtifactRef<'base-model'>> {
  const place = await locateModel(path);
  if (place.format === 'gguf') {
    const meta: BaseModelMeta = { format: 'gguf', source };
    return ports.artifacts.putArtifact('base-model', { 'model.gguf': place.file }, meta);
  }
  const model = await openModel(place.folder);
  const meta: BaseModelMeta = {
    format: 'directory',
    source,
    ...metaOfHeads(headsInFiles(model)),
  };
  const weights = weightFiles(model).map((file) => relative(model.folder, file));
  const wanted = new Set([...weights, ...model.tokenizerFiles]);
  // config.json, generation_config.json, the index of sharded weights, …
  const small = (await readdir(model.folder)).filter((file) => wanted.has(file) || file.endsWith('.json'));
  const names = [...new Set([...weights, ...small])];
  const files = Object.fromEntries(names.map((file) => [file, join(model.folder, file)]));
  return ports.artifacts.putArtifact('base-model', files, meta);
}

/** A full model of our own registry is a Hugging Face folder already; its blobs are stored once. */
async function published(ports: StagePorts, input: IngestInput, context: StageContext) {
  const { base } = input.spec.model;
  const { artifact } = await ports.registry.load(base);
  const { meta } = await ports.artifacts.manifest(artifact);
  if (meta.format !== 'full') {
    throw new TemperError('MODEL_UNSUPPORTED', {
      path: 'model.base',
      message: 'an adapter alone is no base model',
      found: base,
      allowed: 'a model that was published whole',
      hint: 'train from the same base model, and start from the adapter with method.initFrom',
    });
  }
  return inScratch(ports, async (folder) => {
    await ports.artifacts.materialize(artifact, folder);
    await check(folder, input, context);
    return { baseModel: await putModel(ports, folder, base), cached: false, notes: [] };
  });
}
