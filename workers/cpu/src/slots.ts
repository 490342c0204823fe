import { TemperError } from '@temper/contracts';

/** Trainings at a time, from TEMPER_SLOTS. */
export function slotsOf(env = process.env): number {
  const found = env['TEMPER_SLOTS'];
  if (!found) return 1;
  const slots = Number(found);
  if (Number.isInteger(slots) && slots >= 1) return slots;
  throw new TemperError('SPEC_INVALID', {
    path: 'TEMPER_SLOTS',
    message: 'not a number of slots',
    found,
    allowed: 'an integer of at least 1',
  });
}
