import type { Client, ConnectionLike } from '@temporalio/client';
import type { RunProgress, RunResult, StageReport } from '@temper/contracts';
import { queryProgress } from './query-progress.js';
import { runResult } from './result.js';

/**
 * The end of a run. A cancelled one leaves no result behind: its workflow tells how far it came, where a worker answers for
 * it, else what was `known` of it.
 */
export async function endedRun(
  client: Client,
  connection: ConnectionLike,
  runId: string,
  known?: RunProgress,
): Promise<RunResult> {
  const result = await runResult(client.workflow.getHandle(runId), runId);
  if (result.status !== 'cancelled' || result.stages.length) return result;
  const progress = (await queryProgress(client, connection, runId)) ?? known;
  // One that was terminated did not come to an end of its own.
  const { stages, changes } = progress?.result ?? progress ?? result;
  return { ...result, changes, stages: stages.map(ended) };
}

const ended = (stage: StageReport): StageReport =>
  stage.status === 'running' ? { ...stage, status: 'cancelled' } : stage;
