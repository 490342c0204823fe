import { defineSearchAttributeKey } from '@temporalio/common';
import { workflowInfo, type WorkflowInterceptors } from '@temporalio/workflow';
import { fineTuneWorkflow, sweepWorkflow } from '@temper/contracts/queues';

const ours: readonly string[] = [fineTuneWorkflow, sweepWorkflow];
const pipeline = defineSearchAttributeKey('TemperPipeline', 'KEYWORD');

/** Every line that a workflow of ours logs says whose run it is about, and which stage was asked for last. */
export const interceptors = (): WorkflowInterceptors => {
  let stage: string | undefined;
  return {
    outbound: [
      {
        scheduleActivity: (input, next) => {
          stage = input.activityType;
          return next(input);
        },
        getLogAttributes: (attributes, next) => {
          const { workflowId, workflowType, attempt, typedSearchAttributes } = workflowInfo();
          // In a bundle that is not ours alone, theirs say what they like.
          if (!ours.includes(workflowType)) return next(attributes);
          const name = typedSearchAttributes.get(pipeline);
          return next({
            ...attributes,
            run: workflowId,
            attempt,
            ...(stage ? { stage } : {}),
            ...(name ? { pipeline: name } : {}),
          });
        },
      },
    ],
  };
};
