import { TextFault } from '../fault.js';
import type { TextCursor } from '../text/cursor.js';
import { JsonScanner } from './scan.js';
import { skipValue } from './skip.js';

/** What a member of a single object holds. */
export type Kind = 'scalar' | 'object' | 'objects' | 'lists' | 'scalars';
export type Members = ReadonlyMap<string, Kind>;

export type Shape =
  | { readonly form: 'empty' }
  /** A list of rows. */
  | { readonly form: 'list' }
  /** Rows one after another; `lines` where each is on a line of its own. */
  | { readonly form: 'objects'; readonly lines: boolean }
  /** One object and nothing else. */
  | { readonly form: 'single'; readonly members: Members };

export const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
export const OPEN_LIST = 0x5b;
export const CLOSE_LIST = 0x5d;
export const COMMA = 0x2c;

/** Looks at the first value of a file, of which it holds no more than a part. Mistakes are left to who reads the rows. */
export async function shapeOf(cursor: TextCursor): Promise<Shape> {
  const scanner = new JsonScanner(cursor);
  const first = await scanner.peek();
  if (Number.isNaN(first)) return { form: 'empty' };
  if (first === OPEN_LIST) return { form: 'list' };
  const lines = !/[{[,][ \t]*[\r\n]/.test(/[^\r\n]*[\r\n]?/.exec(cursor.text.slice(cursor.pos))![0]);
  try {
    const members = first === OPEN_OBJECT ? await membersOf(scanner) : undefined;
    const alone = members && Number.isNaN(await scanner.peek());
    return alone ? { form: 'single', members } : { form: 'objects', lines };
  } catch (error) {
    if (!(error instanceof TextFault)) throw error;
    return { form: 'objects', lines };
  }
}

async function membersOf(scanner: JsonScanner): Promise<Members> {
  const members = new Map<string, Kind>();
  for await (const key of eachMember(scanner)) {
    members.set(key, await kindOf(scanner));
    await skipValue(scanner);
  }
  return members;
}

/** The keys of the object at the cursor; who takes one moves over its value. */
export async function* eachMember(scanner: JsonScanner): AsyncGenerator<string> {
  await scanner.read((parser) => parser.one([OPEN_OBJECT], '{'));
  if ((await scanner.peek()) === CLOSE_OBJECT) return void scanner.cursor.pos++;
  for (;;) {
    yield await scanner.read((parser) => parser.key());
    const code = await scanner.read((parser) => parser.one([COMMA, CLOSE_OBJECT], 'a comma or }'));
    if (code === CLOSE_OBJECT) return;
  }
}

async function kindOf(scanner: JsonScanner): Promise<Kind> {
  const code = await scanner.peek();
  if (code === OPEN_OBJECT) return 'object';
  if (code !== OPEN_LIST) return 'scalar';
  const inside = await scanner.read((parser) => {
    const begin = parser.pos;
    parser.pos++;
    const next = parser.space(true);
    parser.pos = begin;
    return next;
  });
  return inside === OPEN_OBJECT ? 'objects' : inside === OPEN_LIST ? 'lists' : 'scalars';
}
