// A workflow of your own: a stage of yours between two of Temper's.
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import { stages } from '@temper/plugin/workflow';
import type { PipelineSpec } from '@temper/spec';
import type { OwnActivities } from './custom-activities.js';

const { dropRows } = proxyActivities<OwnActivities>({
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '30 seconds',
});

export interface Filtered {
  readonly dropped: number;
  readonly model?: string;
}

export async function trainWithoutRows(spec: PipelineSpec, words: readonly string[]): Promise<Filtered> {
  const input = { runId: workflowInfo().workflowId, spec };
  const { dataset: all, baseModel } = await stages.ingest(input);
  const { dataset, dropped } = await dropRows({ ...input, dataset: all, words });
  const { tokens } = await stages.preprocess({ ...input, dataset, baseModel });
  const { checkpoint } = await stages.train({ ...input, baseModel, tokens });
  const evaluation = await stages.evaluate({ ...input, baseModel, tokens, checkpoint });
  if (evaluation.gate.length) return { dropped };
  const { base, test } = evaluation;
  const model = await stages.publish({
    ...input,
    ...{ baseModel, dataset, tokens, checkpoint },
    evaluation: { base, test },
  });
  return { dropped, model: `${model.name}:${model.version}` };
}
