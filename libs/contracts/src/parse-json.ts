import { endOfText } from './json-tokens.js';

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
  for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
    if (mark[0] === '"') {
      const end = endOfText(text, mark.index);
      if (end === undefined) return;
      marks.lastIndex = end;
    } else if (mark[0] === '[' || mark[0] === '{') {
      if (++depth > DEEPEST) throw new SyntaxError(`nested more than ${DEEPEST} deep`);
    } else depth--;
  }
}
