/** A list or a structure in a cell. */
export class Nested {
  constructor(readonly value: unknown) {}
}

/** The text of a value as it is written in the file; null where there is none. */
export type Cell = string | null | Nested;
