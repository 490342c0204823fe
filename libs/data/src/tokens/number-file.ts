import { closeSync, openSync, writeSync } from 'node:fs';

/** Where the numbers of a split go, one after another. */
export interface Numbers {
  readonly length: number;
  push(more: readonly number[]): void;
}

const AT_ONCE = 1 << 16;

/** Little-endian int32 appended to a file, some at a time; without numbers there is no file. */
export class NumberFile implements Numbers, Disposable {
  private readonly pending = new Int32Array(AT_ONCE);
  private filled = 0;
  private file: number | undefined;
  length = 0;

  constructor(readonly path: string) {}

  push(more: readonly number[]): void {
    for (const number of more) {
      if (this.filled === AT_ONCE) this.write();
      this.pending[this.filled++] = number;
    }
    this.length += more.length;
  }

  /** All of it is in the file. */
  [Symbol.dispose](): void {
    if (this.filled) this.write();
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }

  private write(): void {
    this.file ??= openSync(this.path, 'w');
    const bytes = new Uint8Array(this.pending.buffer, 0, 4 * this.filled);
    for (let done = 0; done < bytes.length;) done += writeSync(this.file, bytes, done);
    this.filled = 0;
  }
}
