import { describe, expect, it } from 'vitest';
import { gateProblems } from './gate.js';

describe('the gate', () => {
  const test = { f1: 0.7, loss: 0.5, perClass: {} };

  it('passes what is within its bounds, the bounds included', () => {
    expect(gateProblems({ f1: { min: 0.7 }, loss: { max: 0.5 } }, test)).toEqual([]);
    expect(gateProblems({}, test)).toEqual([]);
  });

  it('names each metric that is outside, with its value and the rule', () => {
    expect(gateProblems({ f1: { min: 0.8 }, loss: { min: 0.1, max: 0.4 } }, test)).toEqual([
      { metric: 'f1', value: 0.7, rule: 'at least 0.8' },
      { metric: 'loss', value: 0.5, rule: 'at least 0.1 and at most 0.4' },
    ]);
  });

  it('refuses a metric that does not exist or is not a number', () => {
    const [missing] = gateProblems({ F1: { min: 0 } }, test);
    expect(missing).toMatchObject({ metric: 'F1', rule: 'one of the metrics f1, loss' });
    expect(gateProblems({ f1: { min: 0 } }, { f1: NaN })).toHaveLength(1);
  });
});
