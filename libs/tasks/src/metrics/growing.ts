/** A growing array of numbers: scores that a metric of whole splits needs. */
export class Growing<T extends Float32Array | Float64Array | Int32Array> {
  private values: T;
  private length = 0;

  constructor(private readonly kind: new (length: number) => T) {
    this.values = new kind(1024);
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new this.kind(2 * this.values.length);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  view(): T {
    return this.values.subarray(0, this.length) as T;
  }
}
