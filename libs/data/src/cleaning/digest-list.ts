import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IntList } from './int-list.js';
import { BYTES, KeyTable } from './key-table.js';

/** Digests of a piece: a megabyte. */
const PIECE = 65_536;

/** Of the contents of so many rows a table is in memory at a time: some 50 MB. */
const AT_ONCE = 1 << 20;

/**
 * The contents of rows, by digests of 16 bytes, which are in a file as soon as they are many. `firsts` finds equal ones with one
 * table for each part of the digests' values, so that memory does not grow with the rows but by 4 bytes each.
 */
export class DigestList implements Disposable {
  private readonly piece = Buffer.alloc(PIECE * BYTES);
  private file: number | undefined;
  length = 0;

  /** `atOnce`: for tests. */
  constructor(private readonly atOnce = AT_ONCE) {}

  /** Returns the number of the row, from 0. */
  push(content: string | Uint8Array): number {
    const at = this.length % PIECE;
    createHash('sha256')
      .update(content)
      .digest()
      .copy(this.piece, at * BYTES, 0, BYTES);
    if (at === PIECE - 1) this.write();
    return this.length++;
  }

  /** For each row the first one that has its content; may be called once, after the last row. */
  firsts(): Int32Array {
    const first = new Int32Array(this.length);
    const parts = Math.max(1, Math.ceil(this.length / this.atOnce));
    for (let part = 0; part < parts; part++) this.findIn(part, parts, first);
    this[Symbol.dispose]();
    return first;
  }

  /** The file is gone. */
  [Symbol.dispose](): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }

  private findIn(part: number, parts: number, first: Int32Array): void {
    const table = new KeyTable();
    const rows = new IntList();
    const last = Math.floor(this.length / PIECE);
    const piece = last ? Buffer.alloc(this.piece.length) : this.piece;
    for (let p = 0; p <= last; p++) {
      const bytes = p === last ? this.piece : this.read(p, piece);
      const keys = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
      const rowsOfPiece = Math.min(PIECE, this.length - p * PIECE);
      for (let at = 0; at < rowsOfPiece; at++) {
        // By the last word, as the table goes by the first.
        if (keys[at * 4 + 3]! % parts !== part) continue;
        const number = table.numberOf(keys, at * 4);
        if (number === rows.length) rows.push(p * PIECE + at);
        first[p * PIECE + at] = rows.get(number);
      }
    }
  }

  private write(): void {
    this.file ??= openNameless();
    writeFileSync(this.file, this.piece);
  }

  private read(piece: number, into: Buffer): Buffer {
    for (let done = 0; done < into.length;) {
      const got = readSync(this.file!, into, done, into.length - done, piece * into.length + done);
      if (!got) throw new RangeError('the list of digests ends too early');
      done += got;
    }
    return into;
  }
}

/** A file that is gone with its handle, whatever becomes of this process. */
function openNameless(): number {
  const folder = mkdtempSync(join(tmpdir(), 'temper-rows-'));
  try {
    return openSync(join(folder, 'digests'), 'wx+');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
