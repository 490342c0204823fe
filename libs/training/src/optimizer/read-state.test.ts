import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors, type TensorSource } from '@temper/models';
import {
  optimizerOf,
  settingsOf,
  type OptimizerName,
  type TrainedParameter,
  type UpdateRule,
} from '@temper/optimizers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOptimizerState } from './read-state.js';
import { OptimizerState } from './state.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-state-'));
});
afterAll(() => rm(folder, { recursive: true }));

const parameters: TrainedParameter[] = [
  { name: 'w', shape: [50, 100], kind: 'kernel', decayed: true, lrScale: 1 },
  { name: 'b', shape: [7], kind: 'bias', decayed: false, lrScale: 1 },
];

function stateOf(name: OptimizerName): OptimizerState {
  const settings = settingsOf(name, {});
  return new OptimizerState(
    parameters.map((parameter) => ({
      rule: optimizerOf(name).rule(parameter, settings) as UpdateRule<unknown>,
      parameters: [parameter],
    })),
  );
}

const written = async (state: OptimizerState) => {
  const file = join(folder, 'optimizer.safetensors');
  const tensors = state.tensors().map((tensor): [string, TensorSource] => [tensor.name, tensor]);
  await writeSafetensors(file, new Map(tensors));
  return file;
};

describe("an optimizer's state", () => {
  it('is stored by slot and parameter: of 8 bits with a scale a block, of rows and columns', () => {
    const shapes = (name: OptimizerName) =>
      Object.fromEntries(
        stateOf(name)
          .tensors()
          .map((t) => [t.name, `${t.dtype} ${t.shape.join('×')}`]),
      );
    expect(shapes('adafactor')).toEqual({
      'exp_avg_sq_row.w': 'F32 50',
      'exp_avg_sq_col.w': 'F32 100',
      'exp_avg_sq.b': 'F32 7',
    });
    expect(shapes('adamw-8bit')).toEqual({
      'exp_avg.w': 'U8 50×100',
      'exp_avg_absmax.w': 'F32 20',
      'exp_avg_sq.w': 'U8 50×100',
      'exp_avg_sq_absmax.w': 'F32 20',
      'exp_avg.b': 'F32 7',
      'exp_avg_sq.b': 'F32 7',
    });
  });

  it('is read as it was written', async () => {
    const state = stateOf('adamw-8bit');
    state.tensors().forEach(({ data }, k) => data.forEach((_, i) => (data[i] = (i * 31 + k) % 251)));
    const read = stateOf('adamw-8bit');
    await readOptimizerState(await written(state), read);
    expect(read.tensors()).toEqual(state.tensors());
  });

  it('of another optimizer is refused in words', async () => {
    const file = await written(stateOf('adamw'));
    await expect(readOptimizerState(file, stateOf('sgd'))).rejects.toMatchObject({
      code: 'SPEC_INVALID',
      problems: [{ path: 'training.optimizer', found: 'exp_avg, exp_avg_sq', allowed: 'momentum_buffer' }],
    });
  });
});
