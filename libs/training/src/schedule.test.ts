import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { learningRateFactor, warmupStepsOf, type Schedule } from './schedule.js';

const goldens = JSON.parse(
  readFileSync(new URL('../goldens/schedules.json', import.meta.url), 'utf8'),
) as (Schedule & { rates: number[] })[];

describe('learning rate schedules', () => {
  it.each(goldens)("$type, $warmupSteps of $totalSteps steps warm-up: transformers' rates", (golden) => {
    const rates = golden.rates.map((_, step) => learningRateFactor(golden, step));
    rates.forEach((rate, step) => expect(rate).toBeCloseTo(golden.rates[step]!, 12));
  });

  it('starts a warm-up at rate zero, and has the full rate first where there is none', () => {
    expect(learningRateFactor({ type: 'linear', warmupSteps: 4, totalSteps: 8 }, 0)).toBe(0);
    expect(learningRateFactor({ type: 'linear', warmupSteps: 0, totalSteps: 8 }, 0)).toBe(1);
  });

  it('rounds a warm-up ratio up, and lets warmupSteps override it', () => {
    expect(warmupStepsOf({ warmupRatio: 0.1 }, 41)).toBe(5);
    expect(warmupStepsOf({ warmupRatio: 0.1, warmupSteps: 0 }, 41)).toBe(0);
  });
});
