import { TemperError } from '@temper/contracts';
import type { Parser } from '../parser.js';

/** Not of the parsers: does what none of them may do, so that the harness itself is tested. */
export const faulty: Parser = {
  name: 'faulty',
  inputs: 5,
  make: () => ({}),
  read: async (_, folder) => {
    const number = Number(folder.split('/').at(-1));
    if (number === 0) throw new TypeError('no type');
    if (number === 1) process.abort();
    if (number === 2)
      throw Object.assign(new TemperError('DATA_INVALID', 'x'), { message: 'x'.repeat(5_000) });
    if (number === 3) process.exit(7);
  },
};
