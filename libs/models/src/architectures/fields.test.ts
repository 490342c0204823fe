import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commonFields, type Fields } from './fields.js';
import { families } from './registry.js';

/** Every field of transformers' configuration classes, and their values (goldens/make_defaults.py). */
const golden = JSON.parse(
  readFileSync(new URL('../goldens/config-defaults.json', import.meta.url), 'utf8'),
) as Record<string, Record<string, unknown>>;

describe.each(Object.entries(golden))('the fields of a %s configuration', (type, defaults) => {
  const own = Object.values(families)
    .map((family) => (family.fields as Record<string, Fields | undefined>)[type])
    .find((found) => found !== undefined);
  const fields: Fields = { ...commonFields, ...own };

  it.each(Object.entries(defaults))(
    '%s is decided, and is what transformers takes where it is absent',
    (name, value) => {
      const field = fields[name];
      expect(field).toBeDefined();
      if (field!.use !== 'none') expect(field!.absent).toEqual(value);
    },
  );
});
