import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { fileOfUri, schemeOf, TemperError } from '@temper/contracts';
import type { PipelineSpec } from '@temper/spec';
import type { ArtifactStore } from '@temper/storage';
import { namedSources, withSources } from './paths.js';

/** Whether a path or glob leads to something that can be read on this machine. */
export async function isHere(uri: string): Promise<boolean> {
  const path = schemeOf(uri) === 'file' ? fileOfUri(uri.slice('file:'.length)) : uri;
  if (path === undefined) return false;
  const readable = await access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
  if (readable || !/[*?[\]{}]/.test(path)) return readable;
  const { locateSource } = await import('@temper/sources');
  return locateSource(uri, { baseFolder: process.cwd(), cacheFolder: process.cwd() }).then(
    () => true,
    (error: unknown) => !(error instanceof TemperError && error.code === 'NOT_FOUND'),
  );
}

export interface StoredSource {
  /** The field, and what was written in it. */
  readonly path: string;
  readonly uri: string;
  /** `stored:…` */
  readonly address: string;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Files and folders of this machine that a spec names, stored by content for the workers of other machines, once; the spec
 * that is returned names what was stored. Paths that are not here stay as they are.
 */
export async function storeSources(
  spec: PipelineSpec,
  { artifacts, cacheFolder }: { readonly artifacts: ArtifactStore; readonly cacheFolder: string },
  report: (stored: StoredSource) => void = () => undefined,
): Promise<{ readonly spec: PipelineSpec; readonly stored: readonly string[] }> {
  const { isLocalSource, locateAdapter, locateSource, storeSource } = await import('@temper/sources');
  const stored = new Map<string, string>();
  const known = new Map<string, Promise<string>>();
  for (const { path, uri } of namedSources(spec)) {
    if (!isLocalSource(uri) || !(await isHere(uri))) continue;
    const isAdapter = path === 'method.initFrom';
    const key = `${isAdapter} ${uri}`;
    const store = async () => {
      const options = { cacheFolder, baseFolder: process.cwd() };
      const found = await (isAdapter ? locateAdapter : locateSource)(uri, options);
      const { uri: address, files, bytes } = await storeSource(uri, found, artifacts);
      report({ path, uri, address, files, bytes });
      return address;
    };
    if (!known.has(key)) known.set(key, store());
    stored.set(path, await known.get(key)!);
  }
  return { spec: withSources(spec, stored), stored: [...stored.keys()] };
}
