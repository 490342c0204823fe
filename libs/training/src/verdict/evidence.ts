import {
  isStep,
  type Comparison,
  type EvaluationMetrics,
  type LeakReport,
  type MetricLine,
  type Metrics,
  type SplitName,
  type StepMetrics,
  type Verdict,
} from '@temper/contracts';
import { type PipelineSpec } from '@temper/spec';
import type { Balance } from '@temper/tasks';

/** All that a verdict is made of. A trial of a sweep has no test metrics. */
export interface Evidence {
  readonly spec: Pick<PipelineSpec, 'task' | 'training' | 'dataset' | 'evaluation'>;
  /** The metrics log of the run. */
  readonly log: readonly MetricLine[];
  readonly validation?: Metrics | undefined;
  readonly test?: Metrics | undefined;
  readonly comparison?: Comparison | undefined;
  /** Examples of each split, after cleaning. */
  readonly examples: Readonly<Partial<Record<SplitName, number>>>;
  readonly leaks?: LeakReport | undefined;
}

/** One verdict: what speaks for it, or nothing. */
export type Rule = (evidence: Evidence) => Omit<Verdict, 'name'> | undefined;

export const stepsOf = ({ log }: Evidence): StepMetrics[] => log.filter(isStep);

/** Of the validation split, in the order of steps. */
export const evaluationsOf = ({ log }: Evidence): EvaluationMetrics[] =>
  log.filter((line): line is EvaluationMetrics => !isStep(line) && line.split === 'validation');

/** The split that the model is judged by: of a trial, the one that it is compared on. */
export const measuredOn = ({
  test,
  validation,
}: Evidence): { split: 'test' | 'validation'; metrics: Metrics } =>
  test ? { split: 'test', metrics: test } : { split: 'validation', metrics: validation ?? {} };

/** Test rows whose text, or nearly the same, is in train: what the model says of them it may know by heart. */
export const leakedRows = ({ leaks }: Evidence): number =>
  (leaks?.between ?? [])
    .filter(({ split, of }) => split === 'test' && of === 'train')
    .reduce((sum, { exact, near }) => sum + exact + near, 0);

export const numberIn = (metrics: Metrics, name: string): number | undefined => {
  const value = metrics[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
};

export const balanceIn = ({ balance }: Metrics) => balance as Balance | undefined;

/** The loss of who knows the labels of the data and none of its texts. */
export const chanceIn = (metrics: Metrics): { loss: number; words: string } =>
  (metrics.chance as { loss: number; words: string } | undefined) ?? {
    loss: balanceIn(metrics)?.entropy ?? 0,
    words: "guessing by the classes' shares",
  };

export const intervalIn = ({ interval95 }: Metrics, name: string) =>
  (interval95 as Readonly<Record<string, readonly [number, number]>> | undefined)?.[name];

/** To four places, as metrics are shown everywhere. What has no JSON form (NaN) arrives as null. */
export const shown = (value: number): string => (Number.isFinite(value) ? value.toFixed(4) : 'no number');
