import { storeSources as storeLocal } from '@temper/client/pipeline';
import type { PipelineSpec } from '@temper/spec';
import { cacheFolder } from '@temper/services';
import type { ArtifactStore } from '@temper/storage';
import { count } from '../report/format.js';
import type { Terminal } from '../terminal.js';

/** What of a session is needed here. */
export interface Stores {
  readonly artifacts: ArtifactStore;
  /** The servers are other machines', and so may the workers be. */
  readonly elsewhere: boolean;
}

/** What lies on this machine, stored for the workers of others; where all is this machine's own, the spec stays as it is. */
export async function storeSources(
  terminal: Terminal,
  { artifacts, elsewhere }: Stores,
  spec: PipelineSpec,
): Promise<{ readonly spec: PipelineSpec; readonly stored: readonly string[] }> {
  if (!elsewhere) return { spec, stored: [] };
  return storeLocal(spec, { artifacts, cacheFolder: cacheFolder() }, ({ path, uri, files, bytes }) =>
    terminal.note(
      `${path}: ${uri} is stored for the workers (${count(files)} ${files === 1 ? 'file' : 'files'}, ${size(bytes)})`,
    ),
  );
}

const size = (bytes: number) =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toPrecision(3)} MB`;
