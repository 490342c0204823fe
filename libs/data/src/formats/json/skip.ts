import type { JsonScanner } from './scan.js';
import { endOfText, type JsonParser } from './value.js';

const scalar = /[^\s,:[\]{}"]+/y;

/** Moves over the value at the cursor, however long it is; only brackets and quotes are looked at. */
export async function skipValue(scanner: JsonScanner): Promise<void> {
  let depth = 0;
  const some = (parser: JsonParser): boolean => {
    for (let tokens = 0; ; tokens++) {
      const before = parser.pos;
      try {
        depth += token(parser);
      } catch (error) {
        if (error !== endOfText || !tokens) throw error;
        parser.pos = before;
        return false;
      }
      if (depth === 0) return true;
    }
  };
  while (!(await scanner.read(some)));
}

/** Moves over one token and returns how much deeper it goes. */
function token(parser: JsonParser): number {
  const code = parser.space(true);
  const char = String.fromCharCode(code);
  if (char === '"') return (parser.string(), 0);
  if ('{}[],:'.includes(char)) {
    parser.pos++;
    return '{['.includes(char) ? 1 : '}]'.includes(char) ? -1 : 0;
  }
  scalar.lastIndex = parser.pos;
  const end = parser.pos + scalar.exec(parser.text)![0].length;
  if (end >= parser.text.length && !parser.whole) throw endOfText;
  parser.pos = end;
  return 0;
}
