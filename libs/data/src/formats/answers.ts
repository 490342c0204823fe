import type { AnswerSpan, Example, Problem } from '@temper/contracts';
import { Nested, type Cell } from './cell.js';
import { WrongType } from './wrong-type.js';

const wanted = '{"text": ["…"], "answer_start": [0]}, with empty lists where there is no answer';

/**
 * The answers to a question, as data sets of SQuAD's form have them: lists of texts and of where they begin, in characters of the context;
 * or a list of objects of both. `start` counts characters until `unitsOfAnswers` knows the context.
 * @throws WrongType
 */
export function readAnswers(cell: Cell): AnswerSpan[] {
  const value = valueOf(cell);
  if (value === null) return [];
  const { text, answer_start: start } = Array.isArray(value) ? columnsOf(value) : (value as Fields);
  if (!Array.isArray(text) || !Array.isArray(start) || text.length !== start.length)
    throw new WrongType(wanted);
  const answers = text.map((said: unknown, i): AnswerSpan => {
    if (typeof said !== 'string' || !Number.isSafeInteger(start[i])) throw new WrongType(wanted);
    return { text: said, start: start[i] as number };
  });
  // Some say that there is no answer by an empty one.
  return answers.filter((answer) => answer.text !== '');
}

interface Fields {
  readonly text?: unknown;
  readonly answer_start?: unknown;
}

const columnsOf = (rows: readonly unknown[]): Fields => ({
  text: rows.map((row) => (row as Fields | null)?.text),
  answer_start: rows.map((row) => (row as Fields | null)?.answer_start),
});

function valueOf(cell: Cell): object | null {
  if (cell === null || (typeof cell === 'string' && !cell.trim())) return null;
  let value: unknown;
  try {
    value = cell instanceof Nested ? cell.value : JSON.parse(cell);
  } catch {
    throw new WrongType(wanted);
  }
  if (typeof value !== 'object') throw new WrongType(wanted);
  return value;
}

/** Changes the answers' starts from characters to UTF-16 units; or what is wrong with one that does not stand there. */
export function unitsOfAnswers(example: Record<string, unknown>): Omit<Problem, 'path'> | undefined {
  const { context, answers } = example as Pick<Example, 'context' | 'answers'>;
  if (context === undefined || !answers?.length) return undefined;
  const characters = /[\ud800-\udbff][\udc00-\udfff]/.test(context) ? Array.from(context) : undefined;
  const units = (start: number) => characters?.slice(0, start).join('').length ?? start;
  const placed = answers.map(({ text, start }) => ({ text, start: start < 0 ? -1 : units(start) }));
  const wrong = placed.findIndex(({ text, start }) => !context.startsWith(text, start) || start < 0);
  example['answers'] = placed;
  if (wrong < 0) return undefined;
  const { text, start } = answers[wrong]!;
  const there = context.slice(placed[wrong]!.start, placed[wrong]!.start + text.length);
  const near = context.indexOf(text);
  return {
    message: 'an answer does not stand in the context where it says',
    found: `${shown(text)} at ${start}, where there is ${start < 0 ? 'nothing' : shown(there)}`,
    allowed: 'answer_start: the character of the context, counted from 0, at which the text begins',
    ...(near < 0 ? {} : { hint: `the text stands at ${Array.from(context.slice(0, near)).length}` }),
  };
}

const shown = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text);
