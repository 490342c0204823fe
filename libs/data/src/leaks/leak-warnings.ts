import type { DataWarning, LeakReport } from '@temper/contracts';

const count = (n: number) => n.toLocaleString('en');

const is = (n: number) => (n === 1 ? 'is' : 'are');

/** A line for each pair of splits that have rows in common. */
export function leakWarnings({ between, rows, compared }: LeakReport): DataWarning[] {
  const part = compared < rows ? ` (looked for in ${count(compared)} of ${count(rows)} rows)` : '';
  return between.map(({ split, of, rows: all, exact, near }) => {
    const found = [
      ...(exact ? [`${count(exact)} of ${count(all)} ${split} rows ${is(exact)} in ${of} too`] : []),
      ...(near
        ? [
            exact
              ? `${count(near)} more ${is(near)} nearly equal to one there${part}`
              : `${count(near)} of ${count(all)} ${split} rows ${is(near)} nearly equal to one in ${of}${part}`,
          ]
        : []),
    ];
    const so = of === 'train' ? `what is measured on ${split} is too good` : 'the two are not independent';
    return { code: 'leak', count: exact + near, message: `${found.join(', ')}: ${so}` };
  });
}
