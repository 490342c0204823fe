import { excerpt, TextFault } from '../fault.js';

/** Thrown where the text ends within a value and more of it follows. */
export const endOfText = Symbol('the text ends within a value');

const DEEPEST = 256;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const word = /-?[A-Za-z]+/y;
const escapedOrControl = /[\\\u0000-\u001f]/;
const [QUOTE, BACKSLASH, LF, CR] = ['"', '\\', '\n', '\r'].map((c) => c.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
];

/** Of numbers as they are written; NaN and Infinity, which Python writes, are no value. */
const words: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', null],
  ['Infinity', null],
  ['-Infinity', null],
]);

/** A number as it is written. */
export class NumberText {
  constructor(readonly text: string) {}
}

/** A list or an object, and how it is written. */
export class NestedText {
  constructor(
    readonly value: unknown,
    readonly source: string,
    /** Whether it is JSON as the standard has it, without NaN and Infinity. */
    readonly strict: boolean,
  ) {}
}

/**
 * A parser of JSON (RFC 8259) over a text that may go on, which knows places and keeps numbers as they are written. Places
 * in its errors are places in `text`.
 */
export class JsonParser {
  text = '';
  pos = 0;
  /** Nothing follows the text. */
  whole = true;
  /** A value ends on the line that it begins on, so that a broken line is told apart from the next. */
  lines = false;
  #depth = 0;
  #strict = true;

  /** Where the next character that is no white space is; `endOfText` is thrown only where a value must follow. */
  space(within: boolean): number {
    for (; ; this.pos++) {
      const code = this.text.charCodeAt(this.pos);
      if (code === LF || code === CR) {
        if (within && this.lines) this.fail('the line ends within a value', this.pos);
      } else if (code !== 0x20 && code !== 0x09 && code !== 0xfeff) break;
    }
    if (within && this.pos >= this.text.length) this.ended();
    return this.text.charCodeAt(this.pos);
  }

  /** The value at `pos`: text, a truth value, nothing; a number, list or object with how it is written. */
  value(): string | boolean | null | NumberText | NestedText {
    this.#depth = 0;
    this.#strict = true;
    this.space(true);
    const begin = this.pos;
    const value = this.#value();
    if (typeof value !== 'object' || value === null || value instanceof NumberText) {
      return value as string | boolean | null | NumberText;
    }
    return new NestedText(value, this.text.slice(begin, this.pos), this.#strict);
  }

  #value(): unknown {
    const code = this.space(true);
    if (code === QUOTE) return this.string();
    if (code === 0x7b) return this.#nested(() => this.#object());
    if (code === 0x5b) return this.#nested(() => this.#list());
    if ((code >= 0x30 && code <= 0x39) || code === 0x2d) {
      const read = this.#number();
      if (read !== undefined) return this.#depth ? Number(read) : new NumberText(read);
    }
    return this.#word();
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > DEEPEST) this.fail(`lists and objects within one another more than ${DEEPEST} deep`);
    this.pos++;
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.members((key) => {
      const value = this.#value();
      // A key __proto__ is a key like others.
      if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true });
      else object[key] = value;
    });
    return object;
  }

  /** The members of an object whose bracket is behind us; `read` reads the value of each. */
  members(read: (key: string) => void): void {
    if (this.space(true) === 0x7d) return void this.pos++;
    for (;;) {
      read(this.key());
      if (this.one([0x2c, 0x7d], 'a comma or }') === 0x7d) return;
    }
  }

  /** A key and its colon. */
  key(): string {
    const code = this.space(true);
    if (code !== QUOTE) this.unexpected('a key in double quotes', keyHint(String.fromCharCode(code)));
    const key = this.string();
    this.one([0x3a], 'a colon');
    return key;
  }

  /** One of these characters. */
  one(codes: readonly number[], wanted: string): number {
    const code = this.space(true);
    if (!codes.includes(code)) this.unexpected(wanted);
    this.pos++;
    return code;
  }

  #list(): unknown[] {
    const list: unknown[] = [];
    if (this.space(true) === 0x5d) return (this.pos++, list);
    for (;;) {
      list.push(this.#value());
      if (this.one([0x2c, 0x5d], 'a comma or ]') === 0x5d) return list;
    }
  }

  string(): string {
    const { text, pos: open } = this;
    let close = text.indexOf('"', open + 1);
    while (close >= 0 && isEscaped(text, close)) close = text.indexOf('"', close + 1);
    if (close < 0) {
      const lineEnd = this.lines ? text.slice(open).search(/[\r\n]/) : -1;
      if (lineEnd >= 0) this.fail('a text that is never closed', open);
      this.ended(open);
    }
    this.pos = close + 1;
    const inside = text.slice(open + 1, close);
    if (!escapedOrControl.test(inside)) return inside;
    try {
      return JSON.parse(text.slice(open, close + 1)) as string;
    } catch {
      return this.#wrongString(inside, open);
    }
  }

  #wrongString(inside: string, open: number): never {
    const control = inside.search(/[\u0000-\u001f]/);
    if (control >= 0) {
      this.fail(
        `a text with a ${/[\r\n]/.test(inside[control]!) ? 'line break' : 'control character'} in it`,
        open,
        {
          found: excerpt(inside),
          hint: 'JSON writes it as \\n, \\t or \\u and four digits',
        },
      );
    }
    return this.fail('a text with an escape that JSON does not have', open, {
      found: excerpt(inside),
      hint: 'a backslash itself is written twice, and an apostrophe needs none',
    });
  }

  #number(): string | undefined {
    number.lastIndex = this.pos;
    const found = number.exec(this.text)?.[0];
    const end = this.pos + (found?.length ?? 0);
    if (end >= this.text.length - 1 && !this.whole) throw endOfText;
    if (!found) return undefined;
    if (/[\w.+-]/.test(this.text.charAt(end))) this.unexpected('a number');
    this.pos = end;
    return found;
  }

  #word(): boolean | null {
    word.lastIndex = this.pos;
    const found = word.exec(this.text)?.[0] ?? '';
    if (this.pos + found.length >= this.text.length && !this.whole) throw endOfText;
    const value = words.get(found);
    if (value === undefined) this.unexpected('a value', valueHint(found || this.text.charAt(this.pos)));
    if (value === null && found !== 'null') this.#strict = false;
    this.pos += found.length;
    return value!;
  }

  unexpected(wanted: string, hint?: string): never {
    return this.fail(`this is no JSON: ${wanted} is missing`, this.pos, {
      found: excerpt(this.text.slice(this.pos, this.pos + 60).split(/[\r\n]/)[0]!, 30),
      ...(hint ? { hint } : {}),
    });
  }

  /** The text ends where a value goes on. */
  ended(at = this.text.length): never {
    if (!this.whole) throw endOfText;
    return this.fail('the file ends within a value', at);
  }

  fail(message: string, at = this.pos, details: TextFault['details'] = {}): never {
    throw new TextFault(at, message, details);
  }
}

/** A quote is escaped by an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === BACKSLASH) before--;
  return (at - before) % 2 === 0;
}

const tooMany = 'a comma too many stands before it';
const noComments = 'JSON has no comments';
const printed = 'is it printed by Python? json.dumps writes JSON';

const valueHint = (found: string): string | undefined =>
  ({
    "'": printed,
    None: printed,
    True: printed,
    False: printed,
    nan: printed,
    ']': tooMany,
    '/': noComments,
  })[found];

const keyHint = (found: string): string | undefined =>
  ({ "'": printed, '}': tooMany, '/': noComments })[found] ?? 'keys are in double quotes';
