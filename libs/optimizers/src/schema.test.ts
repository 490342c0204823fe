import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  learningRateFor,
  nameCalled,
  optimizerFields,
  schedulerFields,
  settingProblems,
  withSettings,
  type TrainingSettings,
} from './schema.js';
import { optimizerNames, optimizerOf, settingsOf } from './table.js';

const schema = z.strictObject({ ...optimizerFields, ...schedulerFields });
const training = (given: z.input<typeof schema>, more: Partial<TrainingSettings> = {}): TrainingSettings => ({
  ...{ learningRate: 1e-3, evalStrategy: 'epoch' },
  ...schema.parse(given),
  ...more,
});

describe('settings of optimizers and schedules', () => {
  it('are those of the optimizer that is chosen, with its own defaults', () => {
    expect(withSettings(training({}))).toMatchObject({ adamBeta1: 0.9, adamBeta2: 0.999, weightDecay: 0.01 });
    expect(settingsOf('sgd', training({ optimizer: 'sgd', nesterov: true }))).toEqual({
      momentum: 0.9,
      nesterov: true,
      weightDecay: 0,
    });
    expect(settingsOf('muon', {})).toMatchObject({ momentum: 0.95, nesterov: true, weightDecay: 0.1 });
  });

  it('are all fields of the spec, and every default is one that the spec would take', () => {
    for (const optimizer of optimizerNames) {
      const { fields } = optimizerOf(optimizer);
      expect(Object.keys(optimizerFields)).toEqual(expect.arrayContaining(Object.keys(fields)));
      const given = schema.parse({ optimizer, ...settingsOf(optimizer, {}) });
      expect(settingProblems(training(given))).toEqual([]);
    }
  });

  it('refuse what belongs to another, with what is allowed', () => {
    const given = training({
      optimizer: 'sgd',
      adamBeta1: 0.9,
      scheduler: 'cosine',
      schedulerSettings: { power: 2 },
    });
    expect(settingProblems(given)).toEqual([
      {
        path: 'training.adamBeta1',
        message: 'is no setting of sgd',
        found: '0.9',
        allowed: 'momentum, nesterov, weightDecay',
        hint: expect.stringMatching(/^it is one of adamw, adam, /) as string,
      },
      {
        path: 'training.schedulerSettings.power',
        message: 'is no setting of cosine',
        found: '2',
        allowed: 'numCycles',
        hint: expect.stringMatching(/^it is one of .*polynomial/) as string,
      },
    ]);
  });

  it('must go with the rest of the training', () => {
    const high = training({ scheduler: 'polynomial', schedulerSettings: { lrEnd: 1e-2 } });
    expect(settingProblems(high)).toMatchObject([
      { path: 'training.schedulerSettings.lrEnd', found: '0.01', allowed: 'less than 0.001' },
    ]);
    const blind = training({ scheduler: 'reduce_lr_on_plateau' }, { evalStrategy: 'no' });
    expect(settingProblems(blind)).toMatchObject([{ path: 'training.scheduler', found: 'evalStrategy no' }]);
  });

  it('know the names of other tools', () => {
    expect(nameCalled('adamw_torch_fused')).toBe('adamw');
    expect(nameCalled('paged_adamw_8bit')).toBe('adamw-8bit');
    expect(nameCalled('Paged_Lion_32bit')).toBe('lion');
    expect(nameCalled('cosine_with_hard_restarts')).toBe('cosine_with_restarts');
    expect(nameCalled('an optimizer of nobody')).toBeUndefined();
  });

  it('say how the default learning rate differs', () => {
    expect(learningRateFor('adamw', 2e-5)).toBe(2e-5);
    expect(learningRateFor('lion', 2e-4)).toBe(4e-5);
    expect(learningRateFor('sgd', 2e-5)).toBe(2e-3);
  });
});
