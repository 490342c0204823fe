// The bundle of the benchmark: Temper's own workflow, and what it is compared with.
import { proxyActivities } from '@temporalio/workflow';

export { fineTune } from '@temper/workflows/workflow';

type Stage = (input: unknown) => Promise<unknown>;

/** Five activities in a row and nothing else: what Temporal costs by itself. */
export async function bare(input: unknown): Promise<void> {
  const stages = proxyActivities<Record<string, Stage>>({ startToCloseTimeout: '1 minute' });
  for (const name of ['ingest', 'preprocess', 'train', 'evaluate', 'publish']) await stages[name]!(input);
}
