import type { PipelineSpec } from './pipeline-spec.js';

/** Temporal's priority options: of the workflow and of each of its activities. */
export interface QueuePriority {
  readonly priorityKey: number;
  readonly fairnessKey: string;
  readonly fairnessWeight: number;
}

/** Of two that wait, the smaller number goes first; among equals, starts follow the weights of their keys. */
export const priorityOf = ({ resources }: PipelineSpec): QueuePriority => ({
  priorityKey: resources.priority,
  fairnessKey: resources.fairnessKey,
  fairnessWeight: resources.fairnessWeight,
});
