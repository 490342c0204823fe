import type { ChatMessage, Example, Problem } from '@temper/contracts';
import { Nested, type Cell } from './cell.js';
import { fromShareGpt } from './share-gpt.js';

/** Makes a field's value of a cell, or says what is wrong with it. */
type Reader = (cell: Cell) => unknown;

class WrongType extends Error {}

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

const messages: Reader = (cell) => {
  const wanted = 'a list of {role, content}';
  if (cell === null) return [];
  const value = parsed(cell, wanted);
  if (!Array.isArray(value)) throw new WrongType(wanted);
  return fromShareGpt(value).map((message): ChatMessage => {
    const { role, content } = (message ?? {}) as Record<string, unknown>;
    const plain = contentText(content);
    if (typeof role !== 'string' || plain === undefined) throw new WrongType(wanted);
    return { role, content: plain };
  });
};

/** The content of a message: text, nothing, or parts of which only text is understood. */
function contentText(content: unknown): string | undefined {
  if (content === null || content === undefined) return '';
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const parts = content.map((part: { type?: unknown; text?: unknown } | null) => part?.text);
  return parts.every((part) => typeof part === 'string') ? parts.join('') : undefined;
}

/** A list or structure, which is written as JSON where a format has only text. */
function parsed(cell: Cell, wanted: string): unknown {
  if (cell instanceof Nested) return cell.value;
  try {
    return JSON.parse(cell ?? 'null') as unknown;
  } catch {
    throw new WrongType(wanted);
  }
}

const readers: Readonly<Record<keyof Example, Reader>> = {
  text,
  label: text,
  prompt: text,
  completion: text,
  messages,
  inputIds: (cell) => integers(cell, 'a list of integers'),
  labels,
};

/** What is wrong with a row; whoever has the row knows its place. */
export type RowProblem = Omit<Problem, 'path'>;

/** One row as an Example, or what is wrong with it. A value that is not there counts as empty text. */
export function toExample(fields: readonly (keyof Example)[], cells: readonly Cell[]): Example | RowProblem {
  const example: Record<string, unknown> = {};
  for (const [i, field] of fields.entries()) {
    const cell = cells[i] ?? null;
    try {
      example[field] = readers[field](cell);
    } catch (error) {
      if (!(error instanceof WrongType)) throw error;
      return { message: `wrong type for ${field}`, found: shown(cell), allowed: error.message };
    }
  }
  return pairProblem(example) ?? (example as Example);
}

function shown(cell: Cell): string {
  if (cell === null) return 'nothing';
  const text = (cell instanceof Nested ? cell.json : cell).slice(0, 1000).replace(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Token labels go with tokens one to one, and ids count from 0. */
function pairProblem({ inputIds, labels: given }: Example): RowProblem | undefined {
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
