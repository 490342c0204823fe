/** A growing list of whole numbers: 4 bytes each, or 1 where they are small, where an array of objects would take some fifty. */
export class IntList<A extends Int32Array | Int8Array = Int32Array> {
  private values: A;
  length = 0;

  constructor(private readonly make = (length: number) => new Int32Array(length) as A) {
    this.values = make(1024);
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = this.make(Math.ceil(this.values.length * 1.5));
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  get(index: number): number {
    return this.values[index]!;
  }

  set(index: number, value: number): void {
    this.values[index] = value;
  }

  /** A view, good until the next push. */
  view(): A {
    return this.values.subarray(0, this.length) as A;
  }
}

/** Numbers from −128 to 127. */
export const byteList = () => new IntList((length) => new Int8Array(length));
