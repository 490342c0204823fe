import { NewFile } from './new-file.js';

/** Where the numbers of a split go, one after another. */
export interface Numbers {
  readonly length: number;
  push(more: readonly number[]): void;
}

const AT_ONCE = 1 << 16;

/** Little-endian int32 that go to a file, some at a time; without numbers there is no file. */
export class NumberFile extends NewFile implements Numbers {
  private readonly pending = new Int32Array(AT_ONCE);
  private filled = 0;
  length = 0;

  push(more: readonly number[]): void {
    for (const number of more) {
      if (this.filled === AT_ONCE) this.flush();
      this.pending[this.filled++] = number;
    }
    this.length += more.length;
  }

  /** Then all of it is in the file. */
  flush(): void {
    if (this.filled) this.write(new Uint8Array(this.pending.buffer, 0, 4 * this.filled));
    this.filled = 0;
  }
}
