import type { Example, SplitName } from '@temper/contracts';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { textOf } from '../cleaning/content.js';
import { readChunks } from './read-lines.js';

const CHUNK = 256;

/** A `SPLIT.jsonl` file that is read through several times, and row by row again where a row is wanted. */
export class RowFile implements Disposable {
  /** Where each row begins, and the end; whole numbers of bytes, of which a double holds enough. */
  private starts = new Float64Array(1024);
  length = 0;
  private handle: number | undefined;

  constructor(readonly path: string) {}

  /** All rows in their order; `read` can be asked for those that have come by. */
  async *chunks(): AsyncGenerator<Example[]> {
    if (this.length) return yield* readChunks(this.path, CHUNK);
    yield* readChunks(this.path, CHUNK, (bytes) => this.append(bytes));
  }

  /** A row, from 1. */
  read(row: number): Example {
    this.handle ??= openSync(this.path, 'r');
    const start = this.starts[row - 1]!;
    const bytes = Buffer.allocUnsafe(this.starts[row]! - start);
    for (let done = 0; done < bytes.length;) {
      const got = readSync(this.handle, bytes, done, bytes.length - done, start + done);
      if (!got) throw new RangeError(`${this.path} ends before row ${row}`);
      done += got;
    }
    return JSON.parse(bytes.toString('utf8')) as Example;
  }

  private append(bytes: number): void {
    if (this.length + 1 === this.starts.length) {
      const larger = new Float64Array(this.starts.length * 2);
      larger.set(this.starts);
      this.starts = larger;
    }
    this.starts[this.length + 1] = this.starts[this.length]! + bytes;
    this.length++;
  }

  [Symbol.dispose](): void {
    if (this.handle !== undefined) closeSync(this.handle);
    this.handle = undefined;
  }
}

/** The files of a data set that are there. */
export class RowFiles implements Disposable {
  readonly bySplit: Readonly<Partial<Record<SplitName, RowFile>>>;

  constructor(folder: string, given: readonly SplitName[]) {
    this.bySplit = Object.fromEntries(
      given.map((split) => [split, new RowFile(join(folder, `${split}.jsonl`))]),
    );
  }

  /** Nothing of rows that were tokenised elsewhere. */
  readonly textOf = (split: SplitName, row: number): string => textOf(this.bySplit[split]!.read(row));

  [Symbol.dispose](): void {
    for (const file of Object.values(this.bySplit)) file[Symbol.dispose]();
  }
}
