import { providers, type Provider } from '@temper/contracts';
import { usageError } from '../failure.js';

export interface WorkerFlags {
  readonly pool: Provider;
  readonly slots?: string | undefined;
  readonly device?: readonly string[] | undefined;
  readonly buildId?: string | undefined;
}

/** One worker process a device, each with its environment. */
export function workersOf({ pool, slots, device = [], buildId }: WorkerFlags): Record<string, string>[] {
  if (!providers.includes(pool)) {
    throw usageError('--pool', 'no such pool', { found: pool, allowed: providers.join(', ') });
  }
  if (slots !== undefined && pool !== 'cpu') {
    throw usageError('--slots', 'a GPU has one slot', {
      found: slots,
      hint: '--device gives each GPU its worker',
    });
  }
  if (slots !== undefined && !(Number.isInteger(Number(slots)) && Number(slots) >= 1)) {
    throw usageError('--slots', 'not a number of slots', {
      found: slots,
      allowed: 'an integer of at least 1',
    });
  }
  if (device.length && pool !== 'cuda') {
    throw usageError('--device', `the ${pool} pool has no numbered devices`, { found: device.join(', ') });
  }
  const twice = device.find((number, i) => !/^\d+$/.test(number) || device.indexOf(number) !== i);
  if (twice !== undefined) {
    throw usageError('--device', 'not the number of one more device', {
      found: twice,
      allowed: 'e.g. --device 0 --device 1',
    });
  }
  const common = {
    ...(slots === undefined ? {} : { TEMPER_SLOTS: slots }),
    ...(buildId === undefined ? {} : { TEMPER_BUILD_ID: buildId }),
  };
  if (!device.length) return [common];
  return device.map((number) => ({ ...common, TEMPER_DEVICE: number, CUDA_VISIBLE_DEVICES: number }));
}
