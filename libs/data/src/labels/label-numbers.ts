import type { LabelForm } from '@temper/tasks/schema';
import { classesIn } from './label-text.js';

/** How the label of a row is stored (see `TokenizedSplit`): a class number, a flag a class, or the bits of a float32. */
export function labelNumbers(
  form: LabelForm | undefined,
  labelNames: readonly string[],
): (label: string) => readonly number[] {
  if (form === 'number') return (label) => [...new Int32Array(Float32Array.of(Number(label)).buffer)];
  const classOf = new Map(labelNames.map((name, i) => [name, i]));
  if (form !== 'words') return (label) => [classOf.get(label)!];
  return (label) => {
    const flags = new Array<number>(labelNames.length).fill(0);
    for (const name of classesIn(label, form)) flags[classOf.get(name)!] = 1;
    return flags;
  };
}
