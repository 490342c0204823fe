import { NewFile } from './new-file.js';

/** Characters. */
const AT_ONCE = 1 << 18;

/** Lines that go to a file, some at a time; without lines there is no file. */
export class LineFile extends NewFile {
  private pending = '';
  length = 0;

  push(line: string): void {
    this.pending += `${line}\n`;
    this.length++;
    if (this.pending.length >= AT_ONCE) this.flush();
  }

  /** Then all of it is in the file. */
  flush(): void {
    if (this.pending) this.write(this.pending);
    this.pending = '';
  }
}
