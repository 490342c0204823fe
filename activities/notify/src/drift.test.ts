import { describe, expect, it } from 'vitest';
import { driftFrom } from './drift.js';

const production = { version: 3, metrics: { test: { f1: 0.9, loss: 0.4, perClass: {} } } };

describe('drift from the production version', () => {
  it('is a metric that is worse by more than the tolerance', () => {
    const drift = driftFrom({ metric: 'f1', test: { f1: 0.87 }, tolerance: 0.02 }, production);
    expect(drift).toMatchObject({ metric: 'f1', value: 0.87, production: { version: 3, value: 0.9 } });
    expect(drift!.worse).toBeCloseTo(0.03);
    expect(driftFrom({ metric: 'f1', test: { f1: 0.885 }, tolerance: 0.02 }, production)).toBeUndefined();
    expect(driftFrom({ metric: 'f1', test: { f1: 0.99 }, tolerance: 0.02 }, production)).toBeUndefined();
  });

  it('knows that a loss is worse when it is larger', () => {
    expect(driftFrom({ metric: 'loss', test: { loss: 0.5 }, tolerance: 0.02 }, production)).toBeDefined();
    expect(driftFrom({ metric: 'loss', test: { loss: 0.1 }, tolerance: 0.02 }, production)).toBeUndefined();
  });

  it('is not told where there is nothing to compare', () => {
    expect(
      driftFrom({ metric: 'accuracy', test: { accuracy: 0 }, tolerance: 0 }, production),
    ).toBeUndefined();
    expect(driftFrom({ metric: 'f1', test: {}, tolerance: 0 }, production)).toBeUndefined();
    expect(
      driftFrom({ metric: 'f1', test: { f1: 0 }, tolerance: 0 }, { version: 1, metrics: {} }),
    ).toBeUndefined();
  });
});
