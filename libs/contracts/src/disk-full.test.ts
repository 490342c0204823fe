import { describe, expect, it } from 'vitest';
import { diskFull } from './disk-full.js';
import { TemperError } from './errors.js';

describe('a full disk', () => {
  it('is known by its code, by its words, and by what caused an error', () => {
    const system = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const wrapped = new TemperError('STORE_UNAVAILABLE', 'the answer broke off', { cause: system });
    for (const error of [system, wrapped, new Error('IO Error: No space left on device')]) {
      expect(diskFull(error)).toMatchObject({ code: 'DISK_FULL', retryable: true });
    }
    expect(diskFull(system)!.problems[0]!.hint).toContain('TEMPER_HOME');
  });

  it('is nothing else', () => {
    for (const error of [new Error('no column label'), new TemperError('DATA_INVALID', 'x'), 'ENOSPC']) {
      expect(diskFull(error)).toBeUndefined();
    }
  });
});
