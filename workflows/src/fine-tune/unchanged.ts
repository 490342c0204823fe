import { workflowInfo } from '@temporalio/workflow';
import type { RunResult } from '@temper/contracts';
import type { IngestOutput } from '@temper/spec';

/**
 * The run of the same schedule that was made from the same data set, base model, adapter and spec. The server keeps the result of
 * the last run that ended well, so what a failed or cancelled run has seen is still new; a run that was itself unchanged
 * carries the digests on.
 */
export function sameAsLast({ dataset, baseModel, adapter, spec }: IngestOutput): string | undefined {
  const last = workflowInfo().lastResult as Partial<RunResult> | undefined;
  const same =
    spec !== undefined &&
    last?.dataset === dataset.digest &&
    last.baseModel === baseModel.digest &&
    last.adapter === adapter?.digest &&
    last.spec === spec;
  return same ? (last.sameAs ?? last.runId) : undefined;
}
