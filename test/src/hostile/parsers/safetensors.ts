import { parseSafetensors, readSafetensors, readSafetensorsHeader } from '@temper/models';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { damaged, numberOf } from '../bytes.js';
import { faulty } from '../json.js';
import type { Parser } from '../parser.js';
import type { Random } from '../random.js';

const dtypes = ['F64', 'F32', 'F16', 'BF16', 'I64', 'I32', 'I8', 'U8', 'BOOL', 'F8_E4M3', 'F4', 'toString'];

/** A whole file of one to four tensors, most of the time. */
function header(random: Random): Record<string, unknown> {
  let at = 0;
  const tensors = Array.from({ length: 1 + random.below(4) }, (_, i) => {
    const shape = random.many(3, () => random.below(4));
    const dtype = random.chance(0.8) ? 'F32' : random.pick(dtypes);
    const bytes = 4 * shape.reduce((a, b) => a * b, 1);
    const entry = { dtype, shape, data_offsets: [at, at + bytes] };
    at += bytes;
    return [random.chance(0.95) ? `w.${i}` : 'w.0', entry] as const;
  });
  const metadata = random.chance(0.3) ? { __metadata__: { format: 'pt' } } : {};
  return { ...metadata, ...Object.fromEntries(tensors) };
}

function fileOf(random: Random): Buffer {
  const fields = header(random);
  const text = random.chance(0.8) ? faulty(fields, random) : JSON.stringify(fields);
  const head = Buffer.from(text + ' '.repeat(random.below(9)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  const whole = Buffer.concat([
    random.chance(0.9) ? length : numberOf(random, 8),
    head,
    Buffer.alloc(random.chance(0.8) ? 4 * random.below(80) : random.below(400), 1),
  ]);
  return random.chance(0.3) ? damaged(whole, random) : whole;
}

export const safetensors: Parser = {
  name: 'safetensors',
  inputs: 20_000,
  make: (random) => ({ files: { 'model.safetensors': fileOf(random) } }),
  read: async (_, folder) => {
    const file = join(folder, 'model.safetensors');
    await readSafetensorsHeader(file);
    parseSafetensors('model.safetensors', await readFile(file));
    return readSafetensors(file);
  },
};
