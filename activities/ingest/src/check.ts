import { checkSources, type Sight } from '@temper/check';
import type { StageContext, StagePorts } from '@temper/activity';
import type { DownloadSpec } from '@temper/contracts';
import type { IngestInput } from '@temper/spec';
import { locateSource, type ResolveOptions } from '@temper/sources';

/**
 * What the command line checks before it submits, of a run that was submitted from where not all of it can be seen: with
 * the same words, all problems at once, and nothing is read or stored before. Returns what is odd and yet can be run.
 * @throws TemperError as `checkSources`
 */
export async function checkUnseen(
  ports: StagePorts,
  { spec }: IngestInput,
  { report, signal }: StageContext,
): Promise<readonly string[]> {
  report({ phase: 'checking what the spec names' });
  const sight: Sight = {
    own: async () => ports,
    files: (uri, { download }, locate = locateSource) =>
      locate(uri, { ...sourceOptions(ports, download, signal), headsOnly: false }),
  };
  return (await checkSources(sight, spec)).warnings;
}

/** Where the sources of a run are looked for, and what is fetched of them kept. */
export const sourceOptions = (
  { fetchFolder: cacheFolder, baseFolder, buckets: store, artifacts }: StagePorts,
  limits: DownloadSpec,
  signal: AbortSignal,
): ResolveOptions => ({ cacheFolder, baseFolder, store, artifacts, limits, signal });
