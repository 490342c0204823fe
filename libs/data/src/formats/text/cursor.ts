import { TextFault } from '../fault.js';

/** A row that goes on for longer (characters) is taken for a mistake, such as a quote that is never closed. */
export const LONGEST_ROW = 1 << 24;
const LEAST = 1 << 18;

/** A window of a text that is read piece by piece: what is before `pos` may be forgotten. */
export class TextCursor implements AsyncDisposable {
  text = '';
  pos = 0;
  /** Nothing follows `text`. */
  whole = false;
  #before = 0;
  readonly #pieces: AsyncGenerator<string>;

  constructor(pieces: AsyncGenerator<string>) {
    this.#pieces = pieces;
  }

  /** Characters from the beginning of the file. */
  at(index = this.pos): number {
    return this.#before + index;
  }

  /** Reads on, at least as much as is there, so that reading one row again and again takes linear time. */
  async more(): Promise<void> {
    const rest = this.text.slice(this.pos);
    if (rest.length > LONGEST_ROW) {
      throw new TextFault(this.at(), `a row that is longer than ${LONGEST_ROW} characters`, {
        hint: 'is a quote or a bracket never closed?',
      });
    }
    this.#before += this.pos;
    this.pos = 0;
    const parts = [rest];
    const wanted = Math.max(rest.length, LEAST);
    for (let length = 0; length < wanted;) {
      const next = await this.#pieces.next();
      if (next.done) {
        this.whole = true;
        break;
      }
      parts.push(next.value);
      length += next.value.length;
    }
    this.text = parts.join('');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pieces.return(undefined);
  }
}
