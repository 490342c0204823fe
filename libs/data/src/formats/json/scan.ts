import { TextFault } from '../fault.js';
import type { TextCursor } from '../text/cursor.js';
import { endOfText, JsonParser } from './value.js';

/** A parser that reads on where a value is not whole yet, and whose errors have places in the file. */
export class JsonScanner {
  readonly parser = new JsonParser();

  constructor(readonly cursor: TextCursor) {}

  /** Repeats `read` from where it began until all that it reads is there. */
  async read<T>(read: (parser: JsonParser) => T): Promise<T> {
    for (;;) {
      try {
        return this.attempt(read);
      } catch (error) {
        if (error !== endOfText) throw error;
        await this.cursor.more();
      }
    }
  }

  /** Once; throws `endOfText`. */
  attempt<T>(read: (parser: JsonParser) => T): T {
    const { cursor, parser } = this;
    parser.text = cursor.text;
    parser.pos = cursor.pos;
    parser.whole = cursor.whole;
    try {
      const result = read(parser);
      cursor.pos = parser.pos;
      return result;
    } catch (error) {
      if (!(error instanceof TextFault)) throw error;
      throw new TextFault(cursor.at(error.at), error.message, error.details);
    }
  }

  /** The character code of what follows the white space here; NaN at the end of the file. */
  async peek(): Promise<number> {
    for (;;) {
      const code = this.attempt((parser) => parser.space(false));
      if (!Number.isNaN(code) || this.cursor.whole) return code;
      await this.cursor.more();
    }
  }
}
