import type { HfConfig } from '../architectures/family.js';
import { commonFields, type Fields } from '../architectures/fields.js';

/**
 * The text of a config.json. transformers 5 refuses a whole number in a field that it declares as a float: those of `fields`, and
 * of every model, are written with a fraction.
 */
export function configText(config: HfConfig, fields: Fields | undefined): string {
  const text = JSON.stringify(config, null, 2);
  const all = { ...commonFields, ...fields };
  const floats = Object.keys(all).filter((name) => all[name]!.float);
  return `${floats.reduce((now, name) => now.replace(new RegExp(`^(  "${name}": -?\\d+)(,?)$`, 'm'), '$1.0$2'), text)}\n`;
}
