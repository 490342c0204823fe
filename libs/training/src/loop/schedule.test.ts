import { readFileSync } from 'node:fs';
import { scheduleNames, type ScheduleName, type ScheduleState } from '@temper/optimizers';
import { describe, expect, it } from 'vitest';
import { learningRateAt, scheduleAfter, warmupStepsOf } from './schedule.js';

interface Goldens {
  readonly schedules: readonly {
    readonly scheduler: ScheduleName;
    readonly settings: object;
    readonly warmupSteps: number;
    readonly totalSteps: number;
    readonly learningRate: number;
    readonly rates: readonly number[];
  }[];
  readonly plateaus: readonly {
    readonly settings: object;
    readonly greaterIsBetter: boolean;
    /** null: infinite. */
    readonly metrics: readonly (number | null)[];
    readonly learningRate: number;
    readonly rates: readonly number[];
  }[];
}

// make_schedules.py of libs/optimizers.
const goldens = JSON.parse(
  readFileSync(new URL('../../../optimizers/goldens/schedules.json', import.meta.url), 'utf8'),
) as Goldens;

const relative = (found: number, expected: number) => Math.abs(found - expected) / Math.max(expected, 1e-12);

describe('learning rate schedules', () => {
  it.each(goldens.schedules.map((golden) => [golden.scheduler, golden] as const))(
    "%s: transformers' rate at every step %#",
    (scheduler, { rates, settings, totalSteps, ...training }) => {
      const scheduled = { ...training, scheduler, schedulerSettings: settings, warmupRatio: 0 };
      rates.forEach((expected, step) => {
        const found = learningRateAt(scheduled, { step, schedule: {} }, totalSteps);
        expect(relative(found, expected), `step ${step}: ${found} for ${expected}`).toBeLessThan(1e-12);
      });
    },
  );

  it.each(goldens.plateaus)("reduce_lr_on_plateau: torch's rate after every evaluation %#", (golden) => {
    const training = {
      scheduler: 'reduce_lr_on_plateau',
      schedulerSettings: golden.settings,
      learningRate: golden.learningRate,
      metricForBestModel: golden.greaterIsBetter ? 'f1' : 'loss',
      ...{ warmupSteps: 0, warmupRatio: 0 },
    } as const;
    let schedule = {};
    golden.metrics.forEach((metric, i) => {
      // Through JSON, as in a checkpoint.
      schedule = JSON.parse(JSON.stringify(scheduleAfter(training, schedule, metric ?? Infinity))) as object;
      const found = learningRateAt(training, { step: i + 1, schedule }, 100);
      expect(relative(found, golden.rates[i]!), `evaluation ${i}`).toBeLessThan(1e-12);
    });
    const { eps = 0 } = golden.settings as { eps?: number };
    expect(new Set(golden.rates).size > 1).toBe(eps === 0);
  });

  it('reduce_lr_on_plateau never rises, to minLr neither, where a changed peak is below it', () => {
    const settings = { factor: 0.5, patience: 0, minLr: 1e-4 };
    const rates = (schedule: ScheduleState, learningRate: number) => {
      const training = {
        learningRate,
        schedulerSettings: settings as object,
        metricForBestModel: 'loss',
      } as const;
      const plateau = {
        ...training,
        scheduler: 'reduce_lr_on_plateau',
        warmupSteps: 0,
        warmupRatio: 0,
      } as const;
      return Array.from({ length: 6 }, (_, step) => {
        schedule = scheduleAfter(plateau, schedule, 1);
        return learningRateAt(plateau, { step, schedule }, 100);
      });
    };
    expect(rates({}, 1e-3)).toEqual([1e-3, 5e-4, 2.5e-4, 1.25e-4, 1e-4, 1e-4]);
    // Once as good as the start, and once after reductions at the former peak.
    expect(new Set(rates({}, 1e-5))).toEqual(new Set([1e-5]));
    expect(new Set(rates({ best: 0, factor: 0.125 }, 1e-5))).toEqual(new Set([1.25e-6]));
  });

  it('are all compared', () => {
    const compared = new Set<string>(goldens.schedules.map(({ scheduler }) => scheduler));
    expect(compared.add('reduce_lr_on_plateau')).toEqual(new Set(scheduleNames));
  });

  it('follows a changed peak', () => {
    const training = { scheduler: 'linear', learningRate: 4, warmupSteps: 4, warmupRatio: 0 } as const;
    expect(learningRateAt(training, { step: 2, schedule: {} }, 8)).toBe(2);
    expect(learningRateAt({ ...training, learningRate: 1 }, { step: 6, schedule: {} }, 8)).toBe(0.5);
  });

  it('rounds a warm-up ratio up, and lets warmupSteps override it', () => {
    expect(warmupStepsOf({ warmupRatio: 0.1 }, 41)).toBe(5);
    expect(warmupStepsOf({ warmupRatio: 0.1, warmupSteps: 0 }, 41)).toBe(0);
  });
});

it('cosine_with_min_lr falls to its minimum, and stays at a peak that was changed to less than it', () => {
  const rates = (learningRate: number) =>
    [0, 50, 100].map((step) => {
      const schedulerSettings: object = { minLr: 1e-4 };
      const training = { learningRate, schedulerSettings, warmupSteps: 0, warmupRatio: 0 };
      return learningRateAt({ ...training, scheduler: 'cosine_with_min_lr' }, { step, schedule: {} }, 100);
    });
  const [first, middle, last] = rates(1e-3);
  expect([first, last]).toEqual([1e-3, expect.closeTo(1e-4, 12)]);
  expect(middle).toBeCloseTo(5.5e-4, 12);
  expect(rates(1e-5)).toEqual([1e-5, 1e-5, 1e-5].map((rate) => expect.closeTo(rate, 12) as number));
});
