import type { Random } from './random.js';

/** Numbers at which lengths and offsets go wrong. */
export const edges: readonly bigint[] = [
  ...[0n, 1n, 7n, 8n, 255n, 256n, 65_535n, 100_000_000n],
  ...[31n, 32n, 53n, 62n, 63n].flatMap((bit) => [2n ** bit - 1n, 2n ** bit]),
  2n ** 64n - 1n,
];

/** One to four faults in a copy: bits, bytes, numbers of 4 and 8 bytes, pieces cut out, put twice or put in, the end cut off. */
export function damaged(bytes: Buffer, random: Random): Buffer {
  let now: Buffer = Buffer.from(bytes);
  for (let faults = 1 + random.below(4); faults > 0; faults--) now = oneFault(now, random);
  return now;
}

function oneFault(bytes: Buffer, random: Random): Buffer {
  if (!bytes.length) return Buffer.from([random.below(256)]);
  const at = random.below(bytes.length);
  const length = 1 + random.below(Math.min(64, bytes.length - at));
  const put = (piece: Buffer, over: number) =>
    Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(Math.min(bytes.length, at + over))]);
  switch (random.below(8)) {
    case 0:
      return put(Buffer.from([bytes[at]! ^ (1 << random.below(8))]), 1);
    case 1:
      return put(Buffer.from([random.pick([0, 1, 0x1b, 0x22, 0x7f, 0x80, 0xc0, 0xff])]), 1);
    case 2:
      return put(numberOf(random, 4), 4);
    case 3:
      return put(numberOf(random, 8), 8);
    case 4:
      return bytes.subarray(0, at);
    case 5:
      return put(Buffer.alloc(0), length);
    case 6:
      return put(Buffer.concat([bytes.subarray(at, at + length), bytes.subarray(at, at + length)]), length);
    default:
      return put(Buffer.from(random.many(16, () => random.below(256))), 0);
  }
}

/** Little-endian. */
export function numberOf(random: Random, bytes: 4 | 8): Buffer {
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(random.pick(edges));
  return number.subarray(0, bytes);
}
