import { TemperError } from '@temper/contracts';
import { readSafetensors, readSafetensorsHeader } from '@temper/models';
import type { OptimizerState } from './state.js';

/** Fills the state from a checkpoint's file; SPEC_INVALID where that is the state of an optimizer with other slots. */
export async function readOptimizerState(file: string, state: OptimizerState): Promise<void> {
  const wanted = state.tensors();
  const { tensors: there } = await readSafetensorsHeader(file);
  const missing = wanted.filter(({ name, dtype, shape }) => {
    const found = there.get(name);
    return found?.dtype !== dtype || found.shape.join() !== shape.join();
  });
  if (missing.length) {
    throw new TemperError('SPEC_INVALID', {
      path: 'training.optimizer',
      message: 'the checkpoint was made by an optimizer that remembers something else',
      found: slotsOf([...there.keys()]),
      allowed: slotsOf(wanted.map(({ name }) => name)),
      hint: 'a training goes on with the optimizer that it began with; temper run trains anew with another',
    });
  }
  const read = await readSafetensors(
    file,
    wanted.map(({ name }) => name),
  );
  for (const { name, data } of wanted) data.set(read.get(name)!.data as Float32Array);
}

/** The first parts of names such as `exp_avg.NAME`. */
const slotsOf = (names: readonly string[]): string =>
  [...new Set(names.map((name) => name.slice(0, name.indexOf('.'))))].join(', ') || 'nothing';
