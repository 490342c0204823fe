import type { ChatMessage, Example, Problem } from '@temper/contracts';
import type { LabelForm } from '@temper/tasks/schema';
import { Nested, type Cell } from './cell.js';
import { readAnswers, unitsOfAnswers } from './answers.js';
import { isConversation, readMessages, readTools } from './messages.js';
import { sharedPrompt } from './preference.js';
import { WrongType } from './wrong-type.js';

/** Makes a field's value of a cell, or says what is wrong with it. */
type Reader = (cell: Cell) => unknown;

const text: Reader = (cell) => {
  if (cell instanceof Nested) throw new WrongType('text or a number');
  return cell ?? '';
};

const integers = (cell: Cell, wanted: string): number[] => {
  const value = parsed(cell, wanted);
  if (Array.isArray(value) && value.every((n) => Number.isSafeInteger(n))) return value as number[];
  throw new WrongType(wanted);
};

const labels: Reader = (cell) => {
  const wanted = 'a list of integers, or one class number';
  // As a data frame writes whole numbers of a column that had gaps: 1.0
  if (typeof cell === 'string' && /^\s*\d+(\.0+)?\s*$/.test(cell)) return Number(cell);
  return integers(cell, wanted);
};

const wordsIn = (cell: Cell, wanted: string): string[] => {
  const value = parsed(cell, wanted);
  const isWord = (word: unknown) => typeof word === 'string' || typeof word === 'number';
  if (Array.isArray(value) && value.every(isWord)) return value.map(String);
  throw new WrongType(wanted);
};

/** A list or structure, which is written as JSON where a format has only text. */
function parsed(cell: Cell, wanted: string): unknown {
  if (cell instanceof Nested) return cell.value;
  try {
    return JSON.parse(cell ?? 'null') as unknown;
  } catch {
    throw new WrongType(wanted);
  }
}

function number(wanted: string): Reader {
  return (cell) => {
    if (cell === null || (typeof cell === 'string' && !cell.trim())) return '';
    const value = typeof cell === 'string' ? Number(cell) : NaN;
    if (!Number.isFinite(Math.fround(value))) throw new WrongType(wanted);
    return String(value);
  };
}

const readers: Readonly<Record<keyof Example, Reader>> = {
  text,
  label: text,
  tokens: (cell) => wordsIn(cell, 'a list of words, e.g. ["EU", "rejects"]'),
  tags: (cell) => wordsIn(cell, 'a list of tags, one a word, e.g. ["B-ORG", "O"]'),
  ...{ anchor: text, positive: text, negative: text, sentence1: text, sentence2: text },
  score: number('a number, as how alike the texts are'),
  ...{ question: text, context: text, answers: readAnswers },
  prompt: text,
  completion: text,
  ...{ chosen: text, rejected: text },
  messages: readMessages,
  tools: readTools,
  inputIds: (cell) => integers(cell, 'a list of integers'),
  labels,
};

/** What is wrong with a row; whoever has the row knows its place. */
export type RowProblem = Omit<Problem, 'path'>;

/** A class, several, or a number; each in one form, so that equal ones are equal texts. */
const labelReaders: Readonly<Record<Exclude<LabelForm, 'tags'>, Reader>> = {
  word(cell) {
    if (!(cell instanceof Nested)) return cell ?? '';
    const said = { hint: 'for several classes a text: problemType: multi_label_classification' };
    throw new WrongType('text or a number', Array.isArray(cell.value) ? said : {});
  },
  words(cell) {
    const isList = cell instanceof Nested || /^\s*\[/.test(cell ?? '');
    const words = isList ? parsed(cell, LIST) : cell?.trim() ? [cell] : [];
    if (!Array.isArray(words) || words.some((word) => typeof word !== 'string' && typeof word !== 'number'))
      throw new WrongType(LIST);
    return JSON.stringify([...new Set(words.map(String))].sort());
  },
  number: number('a number, for regression'),
};
const LIST = 'a list of classes, e.g. ["a", "b"]';

const readerOf = (field: keyof Example, form: LabelForm): Reader =>
  field === 'label' && form !== 'tags' ? labelReaders[form] : readers[field];

/** One row as an Example, or what is wrong with it. A value that is not there counts as empty text. */
export function toExample(
  fields: readonly (keyof Example)[],
  cells: readonly Cell[],
  labelForm: LabelForm = 'word',
): Example | RowProblem {
  const example: Record<string, unknown> = {};
  const conversation = fields.some((field, i) => sides.has(field) && isConversation(cells[i] ?? null));
  for (const [i, field] of fields.entries()) {
    const cell = cells[i] ?? null;
    // A column that happens to be called so is no matter of a prompt and a completion that are texts.
    if (field === 'tools' && !conversation && !fields.includes('messages')) continue;
    try {
      const reader = readerOf(field, labelForm);
      const value = conversation && sides.has(field) ? readSide(field, cell) : reader(cell);
      if (value !== undefined) example[field] = value;
    } catch (error) {
      if (!(error instanceof WrongType)) throw error;
      return wrongType(field, cell, error);
    }
  }
  return (
    problemOf(example) ??
    ('chosen' in example ? sharedPrompt(example) : conversation ? joined(example) : example)
  );
}

/** What is wrong with fields that belong together; starts of answers are counted in units afterwards. */
const problemOf = (example: Record<string, unknown>): RowProblem | undefined =>
  pairProblem(example) ?? unitsOfAnswers(example);

const wrongType = (field: string, cell: Cell, { message, said }: WrongType): RowProblem => ({
  message: `wrong type for ${field}`,
  found: shown(cell),
  ...said,
  allowed: message,
});

/** What is wrong with the first of these cells that is no text. */
export function noText(fields: readonly string[], cells: readonly Cell[]): RowProblem | undefined {
  const at = cells.findIndex((cell) => cell instanceof Nested);
  return at < 0 ? undefined : wrongType(fields[at]!, cells[at]!, new WrongType('text or a number'));
}

const sides: ReadonlySet<keyof Example> = new Set(['prompt', 'completion', 'chosen', 'rejected']);

/** A prompt or completion, of which one is a list of messages. */
const readSide = (field: keyof Example, cell: Cell): readonly ChatMessage[] =>
  isConversation(cell)
    ? readMessages(cell)
    : [{ role: field === 'prompt' ? 'user' : 'assistant', content: text(cell) as string }];

interface Sides extends Omit<Example, 'prompt' | 'completion'> {
  readonly prompt?: readonly ChatMessage[];
  readonly completion?: readonly ChatMessage[];
}

/** One conversation, of which the completion is learnt. */
function joined({ prompt = [], completion = [], ...rest }: Sides): Example {
  const given = prompt.map((message): ChatMessage =>
    message.role === 'assistant' ? { ...message, counted: false } : message,
  );
  return { ...rest, messages: [...given, ...completion] };
}

function shown(cell: Cell): string {
  if (cell === null) return 'nothing';
  const text = (cell instanceof Nested ? cell.json : cell).slice(0, 1000).replace(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Token labels go with tokens one to one, tags with words, and ids count from 0. */
function pairProblem({ inputIds, labels: given, tokens, tags }: Example): RowProblem | undefined {
  if (tokens && tags && tokens.length !== tags.length) {
    const found = `${tokens.length} tokens, ${tags.length} tags`;
    return { message: 'tokens and tags do not fit', found, allowed: 'one tag a word' };
  }
  if (!inputIds) return undefined;
  const message = 'inputIds and labels do not fit';
  if (Array.isArray(given) && given.length !== inputIds.length) {
    return {
      message,
      found: `${inputIds.length} ids, ${given.length} labels`,
      allowed: 'one label a token (−100 = not counted), or one class number',
    };
  }
  const wrong =
    inputIds.find((id) => id < 0) ??
    (Array.isArray(given) ? given.find((id) => id < 0 && id !== -100) : undefined);
  if (wrong !== undefined) return { message, found: String(wrong), allowed: '0 or more, and −100 in labels' };
  return inputIds.length ? undefined : { message: 'no tokens', found: '[]' };
}
