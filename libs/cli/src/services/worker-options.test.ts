import { describe, expect, it } from 'vitest';
import type { TemperError } from '@temper/contracts';
import { workersOf, type WorkerFlags } from './worker-options.js';

const refused = (flags: WorkerFlags) => {
  try {
    return workersOf(flags);
  } catch (error) {
    return (error as TemperError).problems[0]!.path;
  }
};

describe('temper worker', () => {
  it('gives each CUDA device a process that sees no other', () => {
    const workers = workersOf({ pool: 'cuda', device: ['0', '3'], buildId: 'b7' });
    expect(workers).toEqual([
      { TEMPER_BUILD_ID: 'b7', TEMPER_DEVICE: '0', CUDA_VISIBLE_DEVICES: '0' },
      { TEMPER_BUILD_ID: 'b7', TEMPER_DEVICE: '3', CUDA_VISIBLE_DEVICES: '3' },
    ]);
  });

  it('is one process of as many slots as are asked for on the CPU', () => {
    expect(workersOf({ pool: 'cpu', slots: '4' })).toEqual([{ TEMPER_SLOTS: '4' }]);
    expect(workersOf({ pool: 'cpu' })).toEqual([{}]);
  });

  it('refuses what a pool does not have', () => {
    expect(refused({ pool: 'cuda', slots: '2' })).toBe('--slots');
    expect(refused({ pool: 'cpu', slots: '0' })).toBe('--slots');
    expect(refused({ pool: 'webgpu', device: ['0'] })).toBe('--device');
    expect(refused({ pool: 'cuda', device: ['0', '0'] })).toBe('--device');
    expect(refused({ pool: 'cuda', device: ['first'] })).toBe('--device');
    expect(refused({ pool: 'tpu' as 'cpu' })).toBe('--pool');
  });
});
