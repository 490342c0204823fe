import type { DataWarning, LeakReport, SplitName } from '@temper/contracts';

const count = (n: number) => n.toLocaleString('en');
const is = (n: number) => (n === 1 ? 'is' : 'are');

/**
 * A line for each pair of splits that have rows in common. `given` are the splits with files of their own: cleaning takes
 * nothing from one for what another has.
 */
export function leakWarnings(
  { between, rows, compared }: Pick<LeakReport, 'between' | 'rows' | 'compared'>,
  given: readonly SplitName[],
): DataWarning[] {
  const part = compared < rows ? ` (looked for in ${count(compared)} of ${count(rows)} rows)` : '';
  return between.map(({ split, of, rows: all, exact, near }) => {
    const equal = `${count(exact)} of ${count(all)} ${split} rows ${is(exact)} in ${of} too`;
    const nearly = exact
      ? `${count(near)} more ${is(near)} nearly equal to one there${part}`
      : `${count(near)} of ${count(all)} ${split} rows ${is(near)} nearly equal to one in ${of}${part}`;
    const found = [...(exact ? [equal] : []), ...(near ? [nearly] : [])].join(', ');
    const so = of === 'train' ? `what is measured on ${split} is too good` : 'the two are not independent';
    const mend = given.includes(split)
      ? 'take them out of one of the files'
      : `dataset.clean.dedupe: ${near ? 'near' : 'exact'} keeps one of each`;
    return { code: 'leak', count: exact + near, message: `${found}: ${so}; ${mend}` };
  });
}
