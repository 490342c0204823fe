export interface JsonToken {
  /** As written: a bracket, comma or colon, a text with its quotes, a number or word. */
  readonly token: string;
  readonly index: number;
}

/**
 * The tokens of a JSON text, in time proportional to its length, and with no recursion, whatever it is: a regular
 * expression of texts takes the square of it where quotes are not closed, and exhausts the stack at some millions of
 * characters. Of what is no JSON, an unclosed text goes to the end.
 */
export function* jsonTokens(json: string): Generator<JsonToken> {
  const next = /"|[{}[\],:]|[^\s{}[\],:"]+/g;
  for (let found = next.exec(json); found; found = next.exec(json)) {
    const { 0: token, index } = found;
    if (token === '"') next.lastIndex = endOfText(json, index) ?? json.length;
    yield { token: token === '"' ? json.slice(index, next.lastIndex) : token, index };
  }
}

/** Behind the quote that closes the text whose first quote is at `open`; undefined where none does. */
export function endOfText(json: string, open: number): number | undefined {
  const mark = /["\\]/g;
  mark.lastIndex = open + 1;
  for (let found = mark.exec(json); found; found = mark.exec(json)) {
    if (found[0] === '"') return mark.lastIndex;
    // What is behind a backslash does not close it.
    mark.lastIndex++;
  }
  return undefined;
}
