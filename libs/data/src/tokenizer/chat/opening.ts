import { raw, type Str } from '../jinja/text.js';
import { originsOf } from './origins.js';

/** How a template opens an answer: what it puts behind the messages for the model to go on from, which is not learnt. */
export interface Opening {
  readonly text: string;
  /** What its first word or token is: where it comes again, another message begins. */
  readonly sign: string | undefined;
  /** The length of what stands of it in a finished answer's `before`: where it ends there, in whole words and tokens. */
  endIn(before: string): number;
}

/**
 * The opening, from a template's texts of some messages without and with a request for an answer; undefined where it
 * refuses them. One that opens an answer asked or not, or writes an end of text unless asked, has it behind the last turn.
 */
export function openingOf(closed: Str | undefined, open: Str | undefined): string {
  if (open === undefined) return '';
  const asked = raw(open);
  if (closed !== undefined && asked !== raw(closed) && asked.startsWith(raw(closed))) {
    return asked.slice(raw(closed).length);
  }
  const { spans, ownerOf } = originsOf(open);
  const last = spans.findLast((span) => span.leaf?.message !== undefined || ownerOf(span) !== undefined);
  return last && ownerOf(last) !== undefined ? asked.slice(last.end) : '';
}

/** Tokens in angles or brackets, words, and single characters of white space. */
const PIECES = /<[^<>\s]*>|\[[^[\]\s]*\]|\s|[^\s<>[\]]+|[<>[\]]/g;

export function openingFrom(text: string): Opening {
  const pieces = text.match(PIECES) ?? [];
  const ends: number[] = [];
  for (const piece of pieces) ends.push((ends.at(-1) ?? 0) + piece.length);
  return {
    text,
    sign: pieces.find((piece) => piece.trim()),
    endIn: (before) => endIn(before, text, ends),
  };
}

/** Where the opening, or as much of it as a template writes of a finished answer (half, or it is another), ends last. */
function endIn(before: string, opening: string, ends: readonly number[]): number {
  let [best, end] = [opening.length / 2, 0];
  for (let at = 0; opening && at < before.length; at++) {
    const shared = commonPrefix(before, at, opening);
    if (shared < best) continue;
    // `<think>` and `<tool_call>` share their first two characters, and no word.
    best = shared;
    end = at + (ends.findLast((place) => place <= shared) ?? 0);
  }
  return end;
}

function commonPrefix(text: string, from: number, other: string): number {
  let at = 0;
  while (at < other.length && text.charCodeAt(from + at) === other.charCodeAt(at)) at++;
  return at;
}
