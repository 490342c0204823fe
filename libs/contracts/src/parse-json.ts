/** No file of a model or a data set is nested nearly so deep. */
const DEEPEST = 1_000;

/**
 * JSON.parse for files from outside: what is nested deeper than anything means to be is refused, as every function that
 * walks through it afterwards would exhaust the stack.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  if (text.length > 2 * DEEPEST) checkDepth(text);
  return JSON.parse(text);
}

function checkDepth(text: string): void {
  let depth = 0;
  const marks = /["[\]{}]/g;
  const end = /["\\]/g;
  for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
    if (mark[0] === '"') {
      // To the quote that closes the text: what is behind a backslash does not.
      end.lastIndex = marks.lastIndex;
      let found = end.exec(text);
      while (found?.[0] === '\\') {
        end.lastIndex++;
        found = end.exec(text);
      }
      if (!found) return;
      marks.lastIndex = end.lastIndex;
    } else if (mark[0] === '[' || mark[0] === '{') {
      if (++depth > DEEPEST) throw new SyntaxError(`nested more than ${DEEPEST} deep`);
    } else depth--;
  }
}
