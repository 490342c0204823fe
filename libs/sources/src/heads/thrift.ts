/**
 * Thrift's compact protocol (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md), as far as
 * Parquet's footers have it: what is read can be changed and written again, fields that are not known too.
 */

/** By their number; the last of equal ones counts. */
export type Struct = Map<number, Value>;

/** A value with its type, since that is written before it. */
export type Value =
  | { readonly type: 1 | 2 }
  | { readonly type: 3; readonly byte: number }
  | { readonly type: 4 | 5 | 6; number: bigint }
  | { readonly type: 7 | 8; readonly bytes: Buffer }
  | { readonly type: 9 | 10; readonly of: number; items: Value[] }
  | { readonly type: 12; readonly fields: Struct };

/** Of structures within structures; a footer has six. */
const DEEPEST = 32;

const damaged = () => new RangeError('no Thrift structure');

/** @throws RangeError where it is none */
export function readStruct(bytes: Buffer): Struct {
  let at = 0;
  const take = (length: number): Buffer => {
    if (!(length <= bytes.length - at)) throw damaged();
    return bytes.subarray(at, (at += length));
  };
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const next = take(1)[0]!;
      value |= BigInt(next & 127) << shift;
      if (next < 128) return value;
    }
    throw damaged();
  };
  const signed = (): bigint => {
    const raw = varint();
    return (raw >> 1n) ^ -(raw & 1n);
  };
  const list = (type: 9 | 10, depth: number): Value => {
    const head = take(1)[0]!;
    const length = head >> 4 === 15 ? Number(varint()) : head >> 4;
    // Every element takes a byte at least.
    if (length > bytes.length - at) throw damaged();
    const of = head & 15;
    // Truth values in a list are a byte each.
    const items = Array.from({ length }, () => value(of <= 2 ? 3 : of, depth));
    return { type, of, items };
  };
  const struct = (depth: number): Struct => {
    if (depth > DEEPEST) throw damaged();
    const fields: Struct = new Map();
    let id = 0;
    for (let head = take(1)[0]!; head; head = take(1)[0]!) {
      id = head >> 4 ? id + (head >> 4) : Number(signed());
      fields.set(id, value(head & 15, depth));
    }
    return fields;
  };
  function value(type: number, depth: number): Value {
    if (type === 1 || type === 2) return { type };
    if (type === 3) return { type, byte: take(1)[0]! };
    if (type === 4 || type === 5 || type === 6) return { type, number: signed() };
    if (type === 7) return { type, bytes: take(8) };
    if (type === 8) return { type, bytes: take(Number(varint())) };
    if (type === 9 || type === 10) return list(type, depth);
    if (type === 12) return { type, fields: struct(depth + 1) };
    throw damaged();
  }
  return struct(0);
}

export function writeStruct(fields: Struct): Buffer {
  const pieces: Buffer[] = [];
  const byte = (value: number) => void pieces.push(Buffer.from([value]));
  const varint = (value: bigint) => {
    let rest = value;
    for (; rest > 127n; rest >>= 7n) byte(Number(rest & 127n) | 128);
    byte(Number(rest));
  };
  const signed = (value: bigint) => varint(value < 0n ? -2n * value - 1n : 2n * value);
  const struct = (of: Struct) => {
    let last = 0;
    for (const [id, value] of [...of].sort(([a], [b]) => a - b)) {
      const step = id - last;
      if (step > 0 && step <= 15) byte((step << 4) | value.type);
      else {
        byte(value.type);
        signed(BigInt(id));
      }
      write(value);
      last = id;
    }
    byte(0);
  };
  function write(value: Value): void {
    if (value.type === 1 || value.type === 2) return;
    if (value.type === 3) return byte(value.byte);
    if (value.type === 7) return void pieces.push(value.bytes);
    if (value.type === 8) {
      varint(BigInt(value.bytes.length));
      return void pieces.push(value.bytes);
    }
    if (value.type === 9 || value.type === 10) {
      const { length } = value.items;
      byte((Math.min(length, 15) << 4) | value.of);
      if (length >= 15) varint(BigInt(length));
      return value.items.forEach(write);
    }
    if (value.type === 12) return struct(value.fields);
    if ('number' in value) signed(value.number);
  }
  struct(fields);
  return Buffer.concat(pieces);
}
