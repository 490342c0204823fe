import { nearest, TemperError } from '@temper/contracts';
import type { LossSpec } from './losses.js';

/** Labels shown of many. */
const SHOWN = 20;

/** SPEC_INVALID where weights are said of labels that the data do not have, or not one for each. */
export function checkClassWeights(said: LossSpec['classWeights'], labelNames: readonly string[]): void {
  if (said === undefined || said === 'balanced') return;
  const path = 'training.classWeights';
  const allowed = shown(labelNames);
  if (Array.isArray(said)) {
    if (said.length === labelNames.length) return;
    throw new TemperError('SPEC_INVALID', {
      path,
      message: 'one weight for each label',
      found: `${said.length} weights`,
      allowed: `${labelNames.length} weights: ${allowed}`,
    });
  }
  const unknown = Object.keys(said).filter((name) => !labelNames.includes(name));
  const [first] = unknown;
  if (first === undefined) return;
  const close = nearest(first, labelNames);
  throw new TemperError('SPEC_INVALID', {
    path: `${path}.${first.slice(0, 60)}`,
    message: 'is no label of the data',
    found: shown(unknown),
    allowed,
    ...(close ? { hint: `did you mean ${close}?` } : {}),
  });
}

const shown = (names: readonly string[]): string =>
  names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? `, and ${names.length - SHOWN} more` : '');
