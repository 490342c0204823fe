import type { ColumnMap } from '../column-map.js';
import { Nested, type Cell } from '../cell.js';
import { NestedText, NumberText, type JsonParser } from './value.js';

/** More are not told. */
const MOST_KEYS = 1000;

/** Takes the members of a row, and keeps those that are wanted. */
export interface CellReader {
  /** A new row. */
  begin(): void;
  put(key: string, value: ReturnType<JsonParser['value']>): void;
  cells(): readonly Cell[];
}

/**
 * Collects the keys in `keys` until all wanted ones have occurred, or to the end (`all`).
 */
export function cellsOf(wanted: ColumnMap, keys: Set<string>, all: boolean): CellReader {
  const places = new Map<string, number[]>();
  wanted.forEach(([, column], i) => places.set(column, [...(places.get(column) ?? []), i]));
  let missing = places.size;
  let cells: Cell[] = [];
  return {
    begin: () => (cells = new Array<Cell>(wanted.length).fill(null)),
    cells: () => cells,
    put(key, value) {
      if ((all || missing > 0) && !keys.has(key) && (keys.size < MOST_KEYS || places.has(key))) {
        // A copy, as the key is a window into the text that was read.
        keys.add(Buffer.from(key).toString());
        if (places.has(key)) missing--;
      }
      for (const place of places.get(key) ?? []) cells[place] = cellOf(value);
    },
  };
}

function cellOf(value: ReturnType<JsonParser['value']>): Cell {
  if (typeof value === 'string' || value === null) return value;
  if (value instanceof NumberText) return value.text;
  if (value instanceof NestedText)
    return new Nested(value.strict ? value.source : JSON.stringify(value.value));
  return String(value);
}
