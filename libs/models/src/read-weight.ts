import { closeSync, openSync, readSync } from 'node:fs';
import { TemperError } from '@temper/contracts';
import { asElements } from './formats/dtypes.js';
import { toFloat32 } from './formats/floats.js';
import type { BaseModel } from './model.js';

/** A weight as float32, as it is kept where it is frozen, or of its rows those that are asked for: what a method starts from. */
export function readWeight(model: BaseModel, name: string, rows?: readonly number[]): Float32Array {
  const half = model.frozen?.tensors.get(name);
  const weight = half ? { ...half, file: model.frozen!.file } : model.weights.get(name);
  if (!weight) throw new TypeError(`${name} is not in the model's files`);
  const { dtype, offset, length, shape } = weight;
  const bytesOfRow = length / shape[0]!;
  const places = rows?.map((row) => [offset + row * bytesOfRow, bytesOfRow] as const) ?? [
    [offset, length] as const,
  ];
  const bytes = new Uint8Array(places.reduce((sum, [, count]) => sum + count, 0));
  const file = openSync(weight.file, 'r');
  try {
    let done = 0;
    for (const [at, count] of places) {
      readWhole(file, bytes.subarray(done, done + count), at);
      done += count;
    }
  } finally {
    closeSync(file);
  }
  const data = toFloat32(dtype, asElements(dtype, bytes));
  if (data) return data;
  throw new TemperError('MODEL_UNSUPPORTED', {
    path: name,
    message: 'a weight type that cannot be widened to float32',
    found: dtype,
  });
}

function readWhole(file: number, into: Uint8Array, position: number): void {
  for (let done = 0; done < into.length;) {
    const count = readSync(file, into, done, into.length - done, position + done);
    if (count === 0) throw new RangeError(`the file ends before ${position + into.length}`);
    done += count;
  }
}
