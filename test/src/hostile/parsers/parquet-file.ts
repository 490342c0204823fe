import type { Columns } from '@temper/spec';
import { damaged } from '../bytes.js';
import type { Random } from '../random.js';
import { seedFile } from './goldens.js';

const seeds = (
  [
    ['texts', { text: 'text', label: 'label' }],
    ['odd', { text: 'text', label: 'label' }],
    ['chat', { messages: 'messages' }],
    ['tokens', { inputIds: 'inputIds', labels: 'labels' }],
  ] as const satisfies readonly (readonly [string, Columns])[]
).map(([name, columns]) => ({ bytes: seedFile(`${name}.parquet`), columns }));

/** A file whose data or whose footer (before it: its length, then `PAR1`) is damaged; the length fits, or not. */
export function parquetFile(random: Random): { columns: Columns; bytes: Buffer } {
  const { bytes, columns } = random.pick(seeds);
  const end = bytes.length - 8;
  const start = end - bytes.readUInt32LE(end);
  const where = random.below(4);
  if (where === 0) return { columns, bytes: damaged(bytes, random) };
  if (where === 1)
    return {
      columns,
      bytes: Buffer.concat([damaged(bytes.subarray(0, start), random), bytes.subarray(start)]),
    };
  const footer = damaged(bytes.subarray(start, end), random);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(random.chance(0.9) ? footer.length : random.below(2 ** 31));
  return { columns, bytes: Buffer.concat([bytes.subarray(0, start), footer, length, Buffer.from('PAR1')]) };
}
