import type { Example, SplitName } from '@temper/contracts';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { textOf } from '../cleaning/content.js';
import { readChunks } from './read-lines.js';

const CHUNK = 256;
/** Rows that are read to have one of them. */
const BLOCK = 8;

/** A `SPLIT.jsonl` file that is read through several times, and row by row again where a row is wanted. */
export class RowFile implements Disposable {
  /** Where every eighth row begins: whole numbers of bytes, of which a double holds enough. */
  private starts = new Float64Array(1024);
  private end = 0;
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
    const block = Math.floor((row - 1) / BLOCK);
    const start = this.starts[block]!;
    const end = (block + 1) * BLOCK < this.length ? this.starts[block + 1]! : this.end;
    const bytes = Buffer.allocUnsafe(end - start);
    for (let done = 0; done < bytes.length;) {
      const got = readSync(this.handle, bytes, done, bytes.length - done, start + done);
      if (!got) throw new RangeError(`${this.path} ends before row ${row}`);
      done += got;
    }
    return JSON.parse(lineOf(bytes, (row - 1) % BLOCK)) as Example;
  }

  private append(bytes: number): void {
    const block = this.length / BLOCK;
    if (block === this.starts.length) {
      const larger = new Float64Array(this.starts.length * 2);
      larger.set(this.starts);
      this.starts = larger;
    }
    if (Number.isInteger(block)) this.starts[block] = this.end;
    this.end += bytes;
    this.length++;
  }

  [Symbol.dispose](): void {
    if (this.handle !== undefined) closeSync(this.handle);
    this.handle = undefined;
  }
}

function lineOf(bytes: Buffer, number: number): string {
  let from = 0;
  for (let line = 0; line < number; line++) from = bytes.indexOf(10, from) + 1;
  const to = bytes.indexOf(10, from);
  return bytes.toString('utf8', from, to < 0 ? bytes.length : to);
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
