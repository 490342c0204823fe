import { defineSearchAttributeKey } from '@temporalio/common';
import { workflowInfo, type WorkflowInterceptors } from '@temporalio/workflow';

const pipeline = defineSearchAttributeKey('TemperPipeline', 'KEYWORD');

/** Every line that a workflow logs says whose run it is about, and which stage was asked for last. */
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
          const { workflowId, attempt, typedSearchAttributes } = workflowInfo();
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
