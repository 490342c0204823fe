import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { isRemote, namedSources, resolvePaths } from '@temper/client/pipeline';
import { parseDocument } from 'yaml';

/** What the targets of a pipeline follow from. */
export interface PipelineFile {
  /** `temper sweep` or `temper run`. */
  readonly command: 'run' | 'sweep';
  /** Whose workers it needs. */
  readonly pools: readonly string[];
  /** Absolute paths and globs of the local data, base models and adapters that it names. */
  readonly sources: readonly string[];
  /** Absolute paths of further specs: the pipeline of a sweep. */
  readonly specs: readonly string[];
}

/**
 * Pipelines are recognised by name alone, `temper.yaml` or `NAME.temper.yaml` (also .yml, .json). Every YAML file of a
 * workspace would have to be opened otherwise, at each change of any: Kubernetes manifests, workflows of CI, locale files.
 */
export const PIPELINE_GLOB = '**/{temper,*.temper}.{yaml,yml,json}';

/** `spam` of `spam.temper.yaml`, `temper` of `temper.yaml`. */
export const pipelineName = (file: string): string =>
  basename(file).replace(/(\.temper)?\.(ya?ml|json)$/, '');

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A file with mistakes is read as far as it goes: `temper run --check` is who reports them, all at once. */
export function readPipelineFile(file: string, text = readFileSync(file, 'utf8')): PipelineFile {
  const folder = dirname(file);
  const value = plain(text);
  const { pipeline } = value;
  // A sweep holds its pipeline, or names the file of it.
  if (typeof pipeline === 'string') {
    const named = resolve(folder, pipeline);
    const inner = existsSync(named) ? plain(readFileSync(named, 'utf8')) : {};
    return { ...described(inner, dirname(named)), command: 'sweep', specs: [named] };
  }
  if (isFields(pipeline)) return { ...described(pipeline, folder), command: 'sweep', specs: [] };
  return { ...described(value, folder), command: 'run', specs: [] };
}

function described(spec: Fields, folder: string): Pick<PipelineFile, 'pools' | 'sources'> {
  const pool = isFields(spec['resources']) ? spec['resources']['pool'] : undefined;
  const device = pool === 'webgpu' || pool === 'cuda' ? [pool] : [];
  const named = namedSources(resolvePaths({ ...spec }, folder)).map(({ uri }) => uri);
  const sources = named.filter((uri) => !isRemote(uri));
  return { pools: ['cpu', ...device], sources: [...new Set(sources)] };
}

function plain(text: string): Fields {
  try {
    const value: unknown = parseDocument(text, { prettyErrors: false }).toJS();
    return isFields(value) ? value : {};
  } catch {
    return {};
  }
}
