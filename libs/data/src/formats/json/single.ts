import type { ColumnMap } from '../column-map.js';
import { TextFault } from '../fault.js';
import { usualColumns } from '../recognise.js';
import type { Kind, Members } from './shape.js';

/**
 * What a file that is one object means: a row; or rows in the one list of objects that it holds, which is named
 * (`{"data": […]}`, `{"version": 1, "rows": […]}`).
 * @throws TextFault for columns instead of rows, and for several lists.
 */
export function rowsOfSingle(members: Members, asked: ColumnMap | undefined): 'row' | { in: string } {
  const wanted: ColumnMap = asked ?? usualColumns([...members.keys()]);
  const own = wanted.filter(([, column, optional]) => !optional && members.has(column));
  const lists = [...members].flatMap(([key, kind]) => (kind === 'objects' ? [key] : []));
  if (!own.length && lists.length === 1) return { in: lists[0]! };
  const byColumn = own.length
    ? own.every(([field, column]) => isColumn(field, members.get(column)!))
    : members.size > 0 && [...members.values()].every((kind) => kind !== 'scalar' && kind !== 'objects');
  if (byColumn) {
    throw new TextFault(
      0,
      'column-oriented JSON: one object that holds whole columns, or rows by their keys',
      {
        found: [...members.keys()].slice(0, 10).join(', '),
        allowed: 'an object a row',
        hint: "in pandas: df.to_json(path, orient='records', lines=True)",
      },
    );
  }
  if (!own.length && lists.length) {
    throw new TextFault(0, 'several lists of rows in one object', {
      found: lists.slice(0, 10).join(', '),
      hint: 'write each into a file of its own',
    });
  }
  return 'row';
}

const listFields = ['messages', 'tokens', 'tags', 'inputIds', 'labels'];

const isColumn = (field: string, kind: Kind): boolean =>
  kind === 'object' || kind === 'lists' || (kind === 'scalars' && !listFields.includes(field));
