import type { FileHandle } from 'node:fs/promises';
import { readExactly } from '../safetensors-header.js';

/** What a parser throws of its own: words for a person, to which the caller adds the file. */
export class HeaderFault extends Error {
  constructor(
    message: string,
    readonly hint = 'fetch the file again',
  ) {
    super(message);
  }
}

const BLOCK = 1 << 20;

/** Reads little-endian values one after the other from a file of `size` bytes; never beyond its end. */
export class Cursor {
  private block: Buffer = Buffer.alloc(0);
  /** Of the block in the file. */
  private start = 0;
  position = 0;

  constructor(
    private readonly handle: FileHandle,
    readonly size: number,
  ) {}

  get remaining(): number {
    return this.size - this.position;
  }

  /** Whether the next `count` bytes are at hand: then they are read without waiting. */
  has(count: number): boolean {
    return this.position + count <= this.start + this.block.length;
  }

  /** @throws HeaderFault where the file ends before */
  async need(count: number, what: string): Promise<void> {
    if (this.has(count)) return;
    if (count > this.remaining) {
      throw new HeaderFault(`ends within ${what} (${count} bytes at byte ${this.position})`);
    }
    this.start = this.position;
    this.block = await readExactly(this.handle, this.start, Math.min(this.remaining, Math.max(count, BLOCK)));
  }

  /** The next bytes, after `need`. */
  take(count: number): Buffer {
    const at = this.position - this.start;
    this.position += count;
    return this.block.subarray(at, at + count);
  }

  async uint32(what: string): Promise<number> {
    await this.need(4, what);
    return this.take(4).readUInt32LE();
  }

  /** A 64-bit count or size. */
  async uint64(what: string): Promise<bigint> {
    await this.need(8, what);
    return this.take(8).readBigUInt64LE();
  }

  /** How many things of at least `bytes` bytes each follow. @throws HeaderFault where the rest of the file cannot hold so many */
  async count(bytes: number, what: string): Promise<number> {
    const found = await this.uint64(`the number of ${what}`);
    if (found * BigInt(bytes) > BigInt(this.remaining)) {
      throw new HeaderFault(`says that it has ${found} ${what}, for which the file is too short`);
    }
    return Number(found);
  }

  /** The next string where the block holds all of it: a vocabulary has hundreds of thousands. */
  stringAtHand(): string | undefined {
    if (!this.has(8)) return undefined;
    const length = Number(this.block.readBigUInt64LE(this.position - this.start));
    if (!this.has(8 + length)) return undefined;
    this.position += 8;
    return this.take(length).toString('utf8');
  }

  async string(what: string): Promise<string> {
    const found = this.stringAtHand();
    if (found !== undefined) return found;
    const length = await this.count(1, `bytes of ${what}`);
    await this.need(length, what);
    return this.take(length).toString('utf8');
  }
}
