import { join } from 'node:path';
import { adapterFolder, type StartingAdapter } from '@temper/storage';
import type { StagePorts } from './ports.js';
import { inScratch } from './scratch.js';

/** With the folder of the adapter to start from, for the time of `use`; undefined where there is none. */
export function withAdapter<T>(
  ports: Pick<StagePorts, 'artifacts' | 'workFolder'>,
  start: StartingAdapter,
  use: (folder: string | undefined) => Promise<T>,
): Promise<T> {
  if (start.initFrom === undefined) return use(undefined);
  return inScratch(ports, async (scratch) =>
    use(await adapterFolder(ports.artifacts, start, join(scratch, 'adapter'))),
  );
}
