import { appendFileSync } from 'node:fs';

/** Characters. */
const AT_ONCE = 1 << 18;

/** Lines appended to a file, some at a time; without lines there is no file. */
export class LineFile implements Disposable {
  private pending = '';
  length = 0;

  constructor(private readonly path: string) {}

  push(line: string): void {
    this.pending += `${line}\n`;
    this.length++;
    if (this.pending.length >= AT_ONCE) this[Symbol.dispose]();
  }

  /** All of it is in the file. */
  [Symbol.dispose](): void {
    if (this.pending) appendFileSync(this.path, this.pending);
    this.pending = '';
  }
}
