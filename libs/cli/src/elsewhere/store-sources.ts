import { namedSources, withSources } from '@temper/client/pipeline';
import type { PipelineSpec } from '@temper/spec';
import { isLocalSource, locateAdapter, locateSource, storeSource } from '@temper/sources';
import { cacheFolder } from '@temper/services';
import type { ArtifactStore } from '@temper/storage';
import { count } from '../report/format.js';

import type { Terminal } from '../terminal.js';
import { isHere } from './here.js';

/** What of a session is needed here. */
export interface Stores {
  readonly artifacts: ArtifactStore;
  /** The servers are other machines', and so may the workers be. */
  readonly elsewhere: boolean;
}

/**
 * Files and folders of this machine that a spec names, stored by content for the workers of other machines, once; the spec
 * names what was stored. Where servers and workers are this machine's own, and for paths that are not here, the spec
 * stays as it is. Returns also which fields were stored.
 */
export async function storeSources(
  terminal: Terminal,
  { artifacts, elsewhere }: Stores,
  spec: PipelineSpec,
): Promise<{ readonly spec: PipelineSpec; readonly stored: readonly string[] }> {
  const stored = new Map<string, string>();
  const known = new Map<string, Promise<string>>();
  for (const { path, uri } of elsewhere ? namedSources(spec) : []) {
    if (!isLocalSource(uri) || !(await isHere(uri))) continue;
    const isAdapter = path === 'method.initFrom';
    const key = `${isAdapter} ${uri}`;
    if (!known.has(key)) known.set(key, storeOne(terminal, artifacts, { path, uri, isAdapter }));
    stored.set(path, await known.get(key)!);
  }
  return { spec: withSources(spec, stored), stored: [...stored.keys()] };
}

async function storeOne(
  terminal: Terminal,
  artifacts: ArtifactStore,
  { path, uri, isAdapter }: { readonly path: string; readonly uri: string; readonly isAdapter: boolean },
): Promise<string> {
  const options = { cacheFolder: cacheFolder(), baseFolder: process.cwd() };
  const found = await (isAdapter ? locateAdapter : locateSource)(uri, options);
  const { uri: address, files, bytes } = await storeSource(uri, found, artifacts);
  terminal.note(
    `${path}: ${uri} is stored for the workers (${count(files)} ${files === 1 ? 'file' : 'files'}, ${size(bytes)})`,
  );
  return address;
}

const size = (bytes: number) =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toPrecision(3)} MB`;
