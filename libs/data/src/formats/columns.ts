import { nearest, TemperError, type Problem } from '@temper/contracts';
import { type Columns } from '@temper/spec';
import { mayHaveTools } from '@temper/tasks/schema';
import { columnMap, type ColumnMap } from './column-map.js';
import { shownNames } from './fault.js';
import { recognised } from './recognise.js';
import { lineOf } from './suggest.js';

/** The columns to read: conversations may have tools, by the name that all data sets of them use. */
export function withTools(columns: Columns): ColumnMap {
  const asked = columnMap(columns);
  // Last, so that without it the others have their places.
  return mayHaveTools(columns) && !('tools' in columns) ? [...asked, ['tools', 'tools', 'optional']] : asked;
}

/**
 * The columns of a file that a spec asks for, without optional ones that are absent.
 * @throws TemperError DATA_INVALID naming every absent column, those that are there, and the nearest one.
 */
export function findColumns(file: string, wanted: ColumnMap, present: readonly string[]): string[] {
  // Where nothing is called nearly as the spec says, and what there is has usual names.
  const other = wanted.every(([, column, optional]) => optional || !nearest(column, present));
  const usual = other ? recognised(present) : undefined;
  const problems: Problem[] = wanted.flatMap(([field, column, optional]) => {
    if (optional || present.includes(column)) return [];
    const near = nearest(column, present);
    const map = (name: string) => `set dataset.columns.${field}: ${name}`;
    return {
      path: file,
      message: `no column ${column} (for ${field})`,
      ...(present.length ? { allowed: shownNames(present) } : {}),
      hint: usual
        ? `set ${[lineOf(usual.columns), ...(usual.task ? [`task: ${usual.task}`] : [])].join(' and ')}`
        : near
          ? `did you mean ${near}? ${map(near)}`
          : `name the right column in dataset.columns.${field}`,
    };
  });
  if (problems.length) throw new TemperError('DATA_INVALID', problems);
  return wanted.flatMap(([, column]) => (present.includes(column) ? [column] : []));
}

export const emptyFile = (file: string): Problem => ({ path: file, message: 'the data set is empty' });
