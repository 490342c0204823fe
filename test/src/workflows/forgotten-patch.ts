// A release that forgot a patch id: it does something new before the first stage of the runs that are under way.
import { sleep } from '@temporalio/workflow';
import type { RunResult } from '@temper/contracts';
import type { FineTuneInput } from '@temper/spec';
import { fineTune as published } from '@temper/workflows/workflow';

export async function fineTune(input: FineTuneInput): Promise<RunResult> {
  await sleep('1 second');
  return published(input);
}
