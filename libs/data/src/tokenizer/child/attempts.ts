import { TemperError } from '@temper/contracts';
import type { ItemOf, OperationName, OptionsOf, ResultOf } from './operations.js';
import type { Limits } from './protocol.js';
import { ChildEnded, ENDS, type TokenizerProcess } from './tokenizer-process.js';
import type { End } from './spawn.js';

/** So many items, or so much text, go at once: enough for the Rust code's threads, little enough for the limits. */
const ITEMS = 256;
const CHARACTERS = 1 << 20;
/** The child does one after the other; more would wait in memory. */
const ON_THE_WAY = 2;

export interface CallOptions {
  /** How an error names item i, e.g. `dataset.train row 17`. */
  readonly place?: ((item: number) => string) | undefined;
}

/**
 * The results of all items, in their order. Where the child ends, the items it was at are tried one by one.
 * @throws TemperError DATA_INVALID that names the item, where it took too much or ended the child three times
 */
export async function call<N extends OperationName>(
  process: TokenizerProcess,
  operation: N,
  items: readonly ItemOf<N>[],
  options: OptionsOf<N>,
  { place = (item) => `text ${item + 1}` }: CallOptions = {},
): Promise<ResultOf<N>[]> {
  const resultsOf = async ({ from, to }: Piece): Promise<ResultOf<N>[]> => {
    const piece = items.slice(from, to);
    try {
      return await process.request(operation, piece, options);
    } catch (error) {
      if (!(error instanceof ChildEnded)) throw error;
      const { item, reason } = error.end;
      if (reason && (item !== undefined || piece.length === 1))
        throw gaveUp(error, place(from + (item ?? 0)), process.limits);
      return oneByOne(process, operation, piece, options, (i) => place(from + i));
    }
  };
  const pieces = piecesOf(items);
  const results: ResultOf<N>[][] = [];
  let next = 0;
  const sendAll = async () => {
    while (next < pieces.length) {
      const at = next++;
      results[at] = await resultsOf(pieces[at]!);
    }
  };
  await Promise.all(Array.from({ length: ON_THE_WAY }, sendAll));
  return results.flat();
}

/** After all of them have ended the child once. */
async function oneByOne<N extends OperationName>(
  process: TokenizerProcess,
  operation: N,
  items: readonly ItemOf<N>[],
  options: OptionsOf<N>,
  place: (item: number) => string,
): Promise<ResultOf<N>[]> {
  const results: ResultOf<N>[] = [];
  for (const [i, item] of items.entries()) {
    for (let ends = 1; results.length === i;) {
      try {
        results.push(...(await process.request(operation, [item], options)));
      } catch (error) {
        if (!(error instanceof ChildEnded)) throw error;
        if (error.end.reason || ++ends >= ENDS) throw gaveUp(error, place(i), process.limits);
      }
    }
  }
  return results;
}

interface Piece {
  readonly from: number;
  to: number;
}

function piecesOf(items: readonly unknown[]): Piece[] {
  const pieces: Piece[] = [];
  let characters = 0;
  items.forEach((item, i) => {
    const size = sizeOf(item);
    const piece = pieces.at(-1);
    if (piece && i - piece.from < ITEMS && characters + size <= CHARACTERS) {
      piece.to = i + 1;
      characters += size;
    } else {
      pieces.push({ from: i, to: i + 1 });
      characters = size;
    }
  });
  return pieces;
}

/** The characters in it, about. */
function sizeOf(item: unknown): number {
  if (typeof item === 'string') return item.length;
  if (Array.isArray(item)) return item.reduce((sum: number, one) => sum + sizeOf(one), 0);
  return typeof item === 'object' && item ? sizeOf(Object.values(item)) : 1;
}

const gaveUp = (cause: ChildEnded, path: string, limits: Limits) =>
  new TemperError(
    'DATA_INVALID',
    {
      path,
      message: `the base model's ${partOf(cause.end)} ${inWords(cause.end, limits, limits.itemMs)} here`,
      ...foundOf(cause.end),
      hint: 'its files may be damaged, or made to do that; or leave the row out',
    },
    { cause },
  );

/** Items are named one by one only where the template is at work. */
const partOf = ({ item }: End) => (item === undefined ? 'tokenizer' : 'chat template');

/** A limit says all; of another end there are its last words. */
export const foundOf = ({ reason, how }: End) => (reason ? {} : { found: how });

/** What became of a child, after its subject. */
export function inWords({ reason }: End, limits: Limits, ms: number): string {
  if (reason === 'time') return `takes longer than ${ms / 1000} s`;
  if (reason === 'memory') return `takes more than ${Math.round(limits.bytes / 2 ** 20)} MB of memory`;
  return 'ends its process';
}
