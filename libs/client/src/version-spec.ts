import { TemperError, withoutAlerts, type Digest, type ModelVersion } from '@temper/contracts';
import { parsePipelineSpec, type PipelineSpec } from '@temper/spec';
import { blobKey, digestOf, digestOfBytes, RunStore, type ObjectStore } from '@temper/storage';

/**
 * The spec that a version was made by, as its lineage has it; of versions of 0.1.0, whose lineage has the digest alone, as the run's report
 * or the server (`ofRun`) have it, where that is the same.
 * @throws TemperError NOT_FOUND where it is nowhere any more; BLOB_CORRUPT
 */
export async function specOfVersion(
  store: ObjectStore,
  { name, version, runId }: ModelVersion,
  digest: Digest,
  ofRun: (runId: string) => Promise<PipelineSpec | undefined> = async () => undefined,
): Promise<PipelineSpec> {
  const kept = await store.get(blobKey(digest));
  if (kept) {
    const found = digestOfBytes(kept.bytes);
    if (found === digest) return parsePipelineSpec(parsed(kept.bytes));
    const message = 'the spec is not what the lineage says';
    throw new TemperError('BLOB_CORRUPT', { path: `${name}:${version}`, message, found, allowed: digest });
  }
  const isIt = (spec: PipelineSpec | undefined) =>
    spec !== undefined && digestOf(withoutAlerts(spec)) === digest;
  const report = await new RunStore(store).readFile(runId, 'report.json');
  const reported = report && (parsed(report) as { spec?: PipelineSpec }).spec;
  if (isIt(reported)) return parsePipelineSpec(withoutAlerts(reported!));
  const asked = await ofRun(runId).catch(noneThere);
  if (isIt(asked)) return parsePipelineSpec(withoutAlerts(asked!));
  throw new TemperError('NOT_FOUND', {
    path: `${name}:${version}`,
    message: 'the spec that it was made by is not there any more',
    allowed: digest,
    hint: `versions keep it since it is part of the lineage; of ${runId} neither the report nor the history is left`,
  });
}

const parsed = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

function noneThere(error: unknown): undefined {
  if (error instanceof TemperError && error.code === 'NOT_FOUND') return undefined;
  throw error;
}
