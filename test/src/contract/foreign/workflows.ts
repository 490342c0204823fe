// Somebody else's workflows: Temper is a stage in one of them and a child in the other.
import { executeChild, proxyActivities } from '@temporalio/workflow';
import type { RunResult } from '@temper/contracts';
import type { IngestInput, PipelineSpec, StageActivities } from '@temper/spec';

const { ingest } = proxyActivities<Pick<StageActivities, 'ingest'>>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30 seconds',
});

/** Reads a data set with Temper's stage and does something of its own with it. */
export async function nightlyImport(input: IngestInput): Promise<{ digest: string; report: string }> {
  const { dataset, summary } = await ingest(input);
  return { digest: dataset.digest, report: `imported: ${summary}` };
}

/** Has a model trained by whichever worker has the preset, and goes on with what was published. */
export async function retrain(spec: PipelineSpec): Promise<string> {
  const result: RunResult = await executeChild('fineTune', { taskQueue: 'temper-cpu', args: [{ spec }] });
  return `${result.status}: ${result.model?.name}:${result.model?.version}`;
}
