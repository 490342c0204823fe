import { TemperError } from '@temper/contracts';
import type { Json } from '../added-tokens.js';

/** A setting of tokenizer_config.json that is true or false. @throws TemperError MODEL_CORRUPT where it is something else */
export function flag<T extends boolean | null>(settings: Json, name: string, standard: T): boolean | T {
  const value = settings[name] ?? standard;
  if (typeof value === 'boolean' || value === standard) return value as boolean | T;
  throw new TemperError('MODEL_CORRUPT', {
    path: `tokenizer_config.json: ${name}`,
    message: 'must be true or false',
    found: JSON.stringify(value).slice(0, 80),
  });
}

/** A mask that is named by its text alone takes the white space before it. */
export function maskWithSpace(settings: Json): Json {
  const mask = settings.mask_token;
  return typeof mask === 'string'
    ? { ...settings, mask_token: { content: mask, lstrip: true, special: true } }
    : settings;
}
