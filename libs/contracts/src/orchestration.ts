/**
 * How an installation has its work done. It is part of a workflow's input, so that it is in the history and a replay
 * finds the same.
 */
export interface Orchestration {
  /** What the names of its queues begin with. Default: as the queue of the workflow itself, where that ends in `-cpu`. */
  readonly queuePrefix?: string | undefined;
}
