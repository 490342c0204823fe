import type { PipelineSpec, TrainOutput } from '@temper/spec';

export type Summarized = Pick<TrainOutput, 'steps' | 'totalSteps' | 'finished' | 'validation' | 'changes'>;

/** `120 of 400 steps, validation f1 0.9120, 1 change` */
export function summaryOf(
  { steps, totalSteps, finished, validation, changes = [] }: Summarized,
  { training }: PipelineSpec,
): string {
  const value = validation?.[training.metricForBestModel];
  const shown =
    typeof value === 'number' ? `, validation ${training.metricForBestModel} ${value.toFixed(4)}` : '';
  const changed = changes.length ? `, ${changes.length} ${changes.length > 1 ? 'changes' : 'change'}` : '';
  return `${steps}${finished === false ? ` of ${totalSteps}` : ''} steps${shown}${changed}`;
}
