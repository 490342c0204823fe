/** A list or a structure in a cell. */
export class Nested {
  /** @param json as it is written in the file, but for NaN and Infinity, which are null */
  constructor(readonly json: string) {}

  get value(): unknown {
    return JSON.parse(this.json);
  }
}

/** The text of a value as it is written in the file; null where there is none. */
export type Cell = string | null | Nested;
