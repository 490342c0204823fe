import type { z } from 'zod';

export type ScheduleFields = Readonly<Record<string, z.ZodType>>;
export type ScheduleSettings<F extends ScheduleFields> = z.output<z.ZodObject<F>>;

/** Where in a training a learning rate is asked for. */
export interface ScheduleStep {
  /** Optimizer steps done: 0 for the first. */
  readonly step: number;
  readonly totalSteps: number;
  readonly warmupSteps: number;
  /** The peak, `training.learningRate`. */
  readonly learningRate: number;
}

/** What evaluations made of the rate; it is part of checkpoints. At the beginning it is empty. */
export type ScheduleState = Readonly<Record<string, number>>;

export interface Evaluated {
  /** Of `training.metricForBestModel`. */
  readonly metric: number;
  readonly greaterIsBetter: boolean;
  readonly learningRate: number;
}

/** One learning rate schedule: everything that the rest of the engine knows of it. */
export interface Schedule<F extends ScheduleFields = ScheduleFields> {
  /** For the documentation. */
  readonly summary: string;
  /** Its settings in `training.schedulerSettings`, with their defaults. */
  readonly fields: F;
  /** Names that other tools and the abbreviating give it. */
  readonly alsoCalled: readonly string[];
  /** Why these settings do not go with this peak of the learning rate, or undefined. */
  mistake(settings: ScheduleSettings<F>, learningRate: number): ScheduleMistake | undefined;
  /** On the learning rate of the next step. */
  factor(at: ScheduleStep, settings: ScheduleSettings<F>, state: ScheduleState): number;
  /** The state after an evaluation; `null` where the rate follows from the step alone. */
  readonly evaluated:
    null | ((state: ScheduleState, found: Evaluated, settings: ScheduleSettings<F>) => ScheduleState);
}

export interface ScheduleMistake {
  readonly field: string;
  readonly message: string;
  readonly allowed: string;
}

export const defineSchedule = <F extends ScheduleFields>(schedule: Schedule<F>): Schedule<F> => schedule;

/** The rising part that all schedules have: from 0 for the first step to the peak, as transformers' lambdas rise. */
export const rising = ({ step, warmupSteps }: ScheduleStep): number | undefined =>
  step < warmupSteps ? step / Math.max(1, warmupSteps) : undefined;

/** Of the steps after the warm-up, the share that is done. */
export const progress = ({ step, warmupSteps, totalSteps }: ScheduleStep): number =>
  (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);

export const noMistake = () => undefined;
