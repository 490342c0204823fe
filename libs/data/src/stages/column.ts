/** What is read of a list of one value a row; an array is one. */
export interface Column<T> {
  readonly length: number;
  at(row: number): T | undefined;
  forEach(visit: (value: T | undefined, row: number) => void): void;
  some(is: (value: T | undefined) => boolean): boolean;
}

/** Words of which few are different: a number each, 1 or 4 bytes a row, where an array takes 8. */
export class WordColumn<T extends string> implements Column<T> {
  /** `words[0]` stands for none. */
  constructor(
    private readonly words: readonly (T | undefined)[],
    private readonly numbers: Uint8Array | Int32Array,
  ) {}

  get length(): number {
    return this.numbers.length;
  }

  at(row: number): T | undefined {
    return this.words[this.numbers[row]!];
  }

  forEach(visit: (value: T | undefined, row: number) => void): void {
    for (let row = 0; row < this.numbers.length; row++) visit(this.at(row), row);
  }

  some(is: (value: T | undefined) => boolean): boolean {
    for (let row = 0; row < this.numbers.length; row++) if (is(this.at(row))) return true;
    return false;
  }
}
