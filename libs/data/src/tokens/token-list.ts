/** A growing Int32Array. */
export class TokenList {
  private values = new Int32Array(1024);
  length = 0;

  push(more: readonly number[]): void {
    if (this.length + more.length > this.values.length) {
      const larger = new Int32Array(Math.max(this.values.length * 2, this.length + more.length));
      larger.set(this.values.subarray(0, this.length));
      this.values = larger;
    }
    this.values.set(more, this.length);
    this.length += more.length;
  }

  toArray(): Int32Array {
    return this.values.slice(0, this.length);
  }
}
