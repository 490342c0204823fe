import { TemperError } from '@temper/contracts';

/** Of structures within structures; a Parquet footer has six. */
const DEEPEST = 32;

/**
 * Walks through a Parquet footer (Thrift's compact protocol: https://github.com/apache/thrift, doc/specs), so that no list
 * or text in it says that it is longer than the footer: a reader would make room for it first, gigabytes for a few bytes.
 * @throws TemperError DATA_INVALID
 */
export function checkFooter(file: string, footer: Buffer): void {
  let at = 0;
  const damaged = () =>
    new TemperError('DATA_INVALID', {
      path: file,
      message: 'the Parquet file is damaged: its footer is none',
      found: `a length or a type that cannot be, at byte ${at} of ${footer.length}`,
      hint: 'fetch or write it again',
    });
  const skip = (bytes: number) => {
    if (!(bytes <= footer.length - at)) throw damaged();
    at += bytes;
  };
  const byte = (): number => {
    skip(1);
    return footer[at - 1]!;
  };
  const varint = (): number => {
    let value = 0;
    for (let scale = 1, shift = 0; shift < 10; scale *= 128, shift++) {
      const next = byte();
      value += (next & 127) * scale;
      if (next < 128) return value;
    }
    throw damaged();
  };
  const list = (depth: number) => {
    const head = byte();
    const length = head >> 4 === 15 ? varint() : head >> 4;
    // Every element takes a byte at least.
    if (length > footer.length - at) throw damaged();
    for (let i = 0; i < length; i++) element(head & 15, depth);
  };
  const map = (depth: number) => {
    const length = varint();
    if (length > footer.length - at) throw damaged();
    const types = length ? byte() : 0;
    for (let i = 0; i < length; i++) {
      element(types >> 4, depth);
      element(types & 15, depth);
    }
  };
  const struct = (depth: number) => {
    if (depth > DEEPEST) throw damaged();
    for (let head = byte(); head; head = byte()) {
      if (head >> 4 === 0) varint();
      // A truth value is in its type.
      if ((head & 15) > 2) element(head & 15, depth);
    }
  };
  const readers = [undefined, byte, byte, byte, varint, varint, varint, () => skip(8), () => skip(varint())];
  function element(type: number, depth: number): void {
    if (type === 9 || type === 10) return list(depth);
    if (type === 11) return map(depth);
    if (type === 12) return struct(depth + 1);
    const read = readers[type];
    if (!read) throw damaged();
    read();
  }
  struct(0);
}
