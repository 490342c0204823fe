import { excerpt, TextFault } from '../fault.js';
import type { Row } from '../table.js';
import type { CellReader } from './cells.js';
import type { JsonScanner } from './scan.js';
import { CLOSE_LIST, COMMA, eachMember, OPEN_LIST, OPEN_OBJECT } from './shape.js';
import { skipValue } from './skip.js';
import { endOfText, type JsonParser } from './value.js';

const ROWS = 2048;

/** Reads a row; undefined where the last one was before. */
type Next = (parser: JsonParser) => Row | undefined;

/** Rows one after another. */
export const sequence = (scanner: JsonScanner, cells: CellReader): AsyncGenerator<Row[]> =>
  batches(scanner, (parser) => {
    if (!Number.isNaN(parser.space(false))) return row(scanner, parser, cells);
    return parser.whole ? undefined : parser.ended();
  });

/** Rows in a list, and nothing behind it. */
export async function* list(scanner: JsonScanner, cells: CellReader): AsyncGenerator<Row[]> {
  yield* elements(scanner, cells);
  await nothingFollows(scanner);
}

/** Rows in the list of the only object of a file that has this key. */
export async function* within(scanner: JsonScanner, key: string, cells: CellReader): AsyncGenerator<Row[]> {
  for await (const name of eachMember(scanner)) {
    if (name === key) yield* elements(scanner, cells);
    else await skipValue(scanner);
  }
  await nothingFollows(scanner);
}

async function* elements(scanner: JsonScanner, cells: CellReader): AsyncGenerator<Row[]> {
  await scanner.read((parser) => parser.one([OPEN_LIST], '['));
  let first = true;
  yield* batches(scanner, (parser) => {
    const code = parser.space(true);
    if (code === CLOSE_LIST) return void parser.pos++;
    if (!first) parser.one([COMMA], 'a comma or ]');
    const read = row(scanner, parser, cells);
    first = false;
    return read;
  });
}

/** Batches of what `next` reads. */
async function* batches(scanner: JsonScanner, next: Next): AsyncGenerator<Row[]> {
  let over = false;
  const some = (parser: JsonParser): Row[] => {
    const rows: Row[] = [];
    while (rows.length < ROWS) {
      const before = parser.pos;
      try {
        const read = next(parser);
        if (!read) return ((over = true), rows);
        rows.push(read);
      } catch (error) {
        // The rows before it first; then it is met again.
        if (!rows.length || (error !== endOfText && !(error instanceof TextFault))) throw error;
        parser.pos = before;
        return rows;
      }
    }
    return rows;
  };
  while (!over) yield await scanner.read(some);
}

function row(scanner: JsonScanner, parser: JsonParser, cells: CellReader): Row {
  if (parser.space(true) !== OPEN_OBJECT) throw noObject(parser);
  const begin = parser.pos++;
  cells.begin();
  parser.members((key) => cells.put(key, parser.value()));
  return { cells: cells.cells(), at: scanner.cursor.at(begin) };
}

function noObject({ text, pos }: JsonParser): TextFault {
  const hints: Readonly<Record<string, string>> = {
    '[': "in pandas: df.to_json(path, orient='records', lines=True)",
    ',': 'rows one after another have no commas between them; a list of rows has brackets round it',
    ']': 'a comma stands before the end of the list',
    '"': 'rows of text alone go into a .txt file, one a line',
    '/': 'JSON has no comments',
    '#': 'JSON has no comments',
    '\u001e': 'take out the record separators (RFC 7464)',
    '-': 'is it YAML? Rows are JSON, CSV or Parquet',
  };
  const hint = hints[text.charAt(pos)];
  return new TextFault(pos, 'a row is an object, {"text": …}', {
    found: excerpt(text.slice(pos, pos + 60).split(/[\r\n]/)[0]!, 30),
    ...(hint ? { hint } : {}),
  });
}

async function nothingFollows(scanner: JsonScanner): Promise<void> {
  if (Number.isNaN(await scanner.peek())) return;
  scanner.attempt((parser) => parser.fail('something follows the end of the list'));
}
