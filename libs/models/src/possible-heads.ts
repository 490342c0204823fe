import { headKinds, type HeadKind } from '@temper/contracts';
import type { Family } from './architectures/family.js';
import { families } from './architectures/registry.js';
import { describeGguf } from './formats/gguf/convert.js';
import { locateModel } from './locate.js';
import { readConfig } from './model.js';

/**
 * The heads that a base model can have, by its family, and so what it can learn; undefined where that cannot be known, as the family is none of ours
 * or the files are not right, which their check tells.
 */
export async function possibleHeads(path: string): Promise<readonly HeadKind[] | undefined> {
  try {
    const place = await locateModel(path);
    const { model_type: type } =
      place.format === 'gguf' ? (await describeGguf(place.file)).config : await readConfig(place.folder);
    const classes = Object.values(families)
      .map((family) => family.classes as Family['classes'])
      .find((known) => Object.hasOwn(known, String(type)))?.[String(type)];
    return classes && headKinds.filter((kind) => kind in classes);
  } catch {
    return undefined;
  }
}

/** The heads that models of the families with such a head can have. */
export function headsBeside(head: HeadKind): readonly HeadKind[] {
  const classes = Object.values(families).flatMap((family: Family) => Object.values(family.classes));
  const beside = classes.filter((known) => head in known);
  return headKinds.filter((kind) => beside.some((known) => kind in known));
}
