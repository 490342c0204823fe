import { permutation, site } from '../random.js';

export interface PackOptions {
  readonly offsets: Int32Array;
  /** Tokens of a packed row. */
  readonly maxLength: number;
  /** Of the order among examples of one length. */
  readonly seed: number;
}

/**
 * Examples that share a row of at most `maxLength` tokens, each whole and exactly once: the longest first, each into the fullest row
 * that still has room (best fit, decreasing). The rows of every epoch are the same; their order is not.
 */
export function packRows({ offsets, maxLength, seed }: PackOptions): Int32Array[] {
  const length = (i: number) => offsets[i + 1]! - offsets[i]!;
  const order = permutation(offsets.length - 1, seed, 0, site.packing);
  order.sort((a, b) => length(b) - length(a));
  const rows: number[][] = [];
  /** Rows by the room that they have left. */
  const withRoom = Array.from({ length: maxLength + 1 }, (): number[] => []);
  let most = -1;
  for (const example of order) {
    const needed = Math.min(length(example), maxLength);
    let room = needed;
    while (room <= most && withRoom[room]!.length === 0) room++;
    const row = room <= most ? withRoom[room]!.pop()! : rows.push([]) - 1;
    rows[row]!.push(example);
    const left = (room <= most ? room : maxLength) - needed;
    withRoom[left]!.push(row);
    most = Math.max(most, left);
  }
  return rows.map((examples) => Int32Array.from(examples));
}
