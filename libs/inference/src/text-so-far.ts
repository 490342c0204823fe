import type { Tokenizer } from '@temper/data';

/** What stands for bytes that are no whole character yet. */
const INCOMPLETE = '\uFFFD';

/**
 * The text of tokens that become more, at the cost of the last few: what a token adds to a text depends on the one before it (a space
 * that a beginning has not), but on no earlier ones.
 */
export class TextSoFar {
  /** Of the tokens before `read`. */
  private text = '';
  /** Tokens from `context` to `read` are decoded again, so that those from `read` on follow something. */
  private context = 0;
  private read = 0;

  constructor(private readonly tokenizer: Pick<Tokenizer, 'decode'>) {}

  /** Of all tokens, which begin as those of the last call. */
  async of(tokens: readonly number[]): Promise<string> {
    const before = await this.tokenizer.decode(tokens.slice(this.context, this.read));
    const all = await this.tokenizer.decode(tokens.slice(this.context));
    const text = this.text + all.slice(before.length);
    // A character's other bytes, or a special token's nothing: what follows is to be decoded behind something that has a text.
    if (all.length > before.length && !all.endsWith(INCOMPLETE)) {
      this.text = text;
      this.context = this.read;
      this.read = tokens.length;
    }
    return text;
  }
}
