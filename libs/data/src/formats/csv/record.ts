import { excerpt, TextFault } from '../fault.js';

export interface Dialect {
  readonly delimiter: string;
  /** Fields may be in double quotes. */
  readonly quoted: boolean;
}

const [QUOTE, SPACE, LF, CR] = ['"', ' ', '\n', '\r'].map((c) => c.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
];

/**
 * Reads records as RFC 4180 writes them, with what spreadsheets make of it: any line end, spaces round a quoted field.
 * A quote within a field that does not begin with one is a character like others.
 */
export class RecordReader {
  fields: string[] = [];
  /** Where the next record begins. */
  end = 0;
  /** Whether a field of the record was in quotes, one with a doubled quote in it; whether one not in quotes has a quote. */
  hasQuotes = false;
  hasDoubled = false;
  hasBare = false;
  readonly #delimiter: number;

  constructor(readonly dialect: Dialect) {
    this.#delimiter = dialect.delimiter.charCodeAt(0);
  }

  /**
   * The record at `start`; false where the text ends before it does and more follows.
   * @throws TextFault (places in `text`) for a quote that is never closed, or text behind a closed one.
   */
  read(text: string, start: number, whole: boolean): boolean {
    this.fields = [];
    this.hasQuotes = this.hasDoubled = this.hasBare = false;
    for (let at = start; ; at++) {
      const after = this.#field(text, at, whole);
      if (after < 0) return false;
      at = after;
      const ended = text.charCodeAt(at);
      if (ended === this.#delimiter) continue;
      if (at >= text.length && !whole) return false;
      // \r\n may be cut between the two.
      if (ended === CR && at + 1 >= text.length && !whole) return false;
      this.end = Math.min(text.length, ended === CR && text.charCodeAt(at + 1) === LF ? at + 2 : at + 1);
      return true;
    }
  }

  /** Adds the field at `start` and returns the place of what ends it; −1 where that is not there yet. */
  #field(text: string, start: number, whole: boolean): number {
    if (this.dialect.quoted) {
      let open = start;
      while (text.charCodeAt(open) === SPACE) open++;
      if (text.charCodeAt(open) === QUOTE) {
        const after = this.#quoted(text, open, whole, open > start);
        if (after !== undefined) return after;
      }
    }
    let at = start;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === this.#delimiter || code === LF || code === CR) break;
    }
    const field = text.slice(start, at);
    this.hasBare ||= field.includes('"');
    this.fields.push(field);
    return at;
  }

  /** The same for a field in quotes; undefined for one that only has a quote behind its leading spaces. */
  #quoted(text: string, open: number, whole: boolean, indented: boolean): number | undefined {
    let close = text.indexOf('"', open + 1);
    let doubled = false;
    for (; close >= 0 && text.charCodeAt(close + 1) === QUOTE; close = text.indexOf('"', close + 2)) {
      doubled = true;
    }
    if (close < 0) {
      if (!whole) return -1;
      throw new TextFault(open, 'a quote that is never closed', {
        found: excerpt(text.slice(open)),
        hint: 'where quotes are plain characters, set dataset.quote: none',
      });
    }
    let after = close + 1;
    while (text.charCodeAt(after) === SPACE) after++;
    if (after >= text.length && !whole) return -1;
    const next = text.charCodeAt(after);
    if (after < text.length && next !== this.#delimiter && next !== LF && next !== CR) {
      if (indented) return undefined;
      throw behindQuote(text, open, close);
    }
    const field = text.slice(open + 1, close);
    this.fields.push(doubled ? field.replaceAll('""', '"') : field);
    this.hasQuotes = true;
    this.hasDoubled ||= doubled;
    return after;
  }
}

function behindQuote(text: string, open: number, close: number): TextFault {
  const escaped = text.charAt(close - 1) === '\\';
  return new TextFault(close, 'text behind the quote that closes a field', {
    found: excerpt(text.slice(Math.max(open, close - 20), close + 20)),
    hint: escaped
      ? 'a quote within quotes is written twice, not behind a backslash'
      : 'a quote within quotes is written twice; where quotes are plain characters, set dataset.quote: none',
  });
}
