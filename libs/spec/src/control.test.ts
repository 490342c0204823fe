import { describe, expect, it } from 'vitest';
import { changedTraining, changeProblems, TemperError, type ChangedSettings } from '@temper/contracts';
import { parsePipelineSpec } from './validate.js';

const input = { name: 'a', model: { base: './m' }, dataset: { train: 'a.csv' } };
const spec = parsePipelineSpec(input);
const stopping = parsePipelineSpec({ ...input, training: { earlyStoppingPatience: 2 } });

/** Does the schema take the spec with these settings from its beginning? */
function schemaTakes(base: typeof spec, change: ChangedSettings): boolean {
  try {
    parsePipelineSpec({ ...base, training: changedTraining(base.training, [change]) });
    return true;
  } catch (error) {
    if (error instanceof TemperError) return false;
    throw error;
  }
}

const numbers = [1e-4, 1, 7, 0, -1, 1.5, NaN, Infinity, 2 ** 53, '1', null];
const changes = [
  ...numbers.flatMap((value) => [{ learningRate: value }, { evalSteps: value }]),
  ...['no', 'epoch', 'steps', 'sometimes', '', null, true].map((evalStrategy) => ({ evalStrategy })),
  { evalStrategy: 'steps', evalSteps: 10, learningRate: 3 },
  { evalStrategy: 'steps', evalSteps: 0 },
] as ChangedSettings[];

describe('a change of settings has the rules of the spec', () => {
  it.each(changes)('%o', (change) => {
    for (const base of [spec, stopping]) {
      expect(changeProblems(base, change).length === 0).toBe(schemaTakes(base, change));
    }
  });

  it('needs to change something that can be changed', () => {
    expect(changeProblems(spec, {})).toMatchObject([{ message: 'nothing is changed' }]);
    expect(changeProblems(spec, { stop: true })).toEqual([]);
    const other = { trainBatchSize: 3 } as unknown as ChangedSettings;
    expect(changeProblems(spec, other)).toMatchObject([
      { path: 'trainBatchSize', hint: expect.stringContaining('fork') as string },
    ]);
  });
});
