/** A growing list of whole numbers: 4 bytes each, where an array of objects would take some fifty. */
export class IntList {
  private values = new Int32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Int32Array(this.values.length * 2);
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
  view(): Int32Array {
    return this.values.subarray(0, this.length);
  }
}
