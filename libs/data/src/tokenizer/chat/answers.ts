import { isBlank } from '../jinja/string-methods.js';
import { leftOut } from './left-out.js';
import type { Origins } from './origins.js';

/** A stretch of the text, in UTF-16 units. */
export type Range = readonly [start: number, end: number];

export interface AnswerContext {
  readonly origins: Origins;
  readonly eosToken: string | undefined;
  /** What the template writes to open an answer behind so many messages: the model need not write that itself. */
  readonly openingBehind: (messages: number) => string;
}

/**
 * What the assistant's message `i` is in the text: its content as the template writes it, and its closing (end of turn,
 * the line end behind it, and for the last message an end of text).
 * @throws LeftOut
 */
export function answerRange(i: number, context: AnswerContext): Range {
  const { origins } = context;
  const pieces = origins.piecesOf(i);
  if (!pieces.length)
    leftOut('messageNotWritten', `the model's chat template does not write message ${i + 1}`);
  const written: Range = [pieces[0]!.start, pieces.at(-1)!.end];
  const start = startOf(i, written[0], context);
  const end = endOf(i, written[1], context);
  // In its turn, or in what was taken for the answer.
  const foreign = origins.spans.find(
    (span) =>
      span.leaf?.message !== undefined &&
      span.leaf.message !== i &&
      (origins.ownerOf(span) === i || (span.end > start && span.start < end)),
  );
  if (foreign) {
    leftOut(
      'answerNotFound',
      `the template writes message ${foreign.leaf!.message! + 1} inside message ${i + 1}`,
    );
  }
  return [start, end];
}

/** Back to what opens the answer, over what the template puts before a tool call or a thought: `<tool_call>`, `<think>`. */
function startOf(i: number, first: number, { origins, openingBehind }: AnswerContext): number {
  let turnStart = first;
  for (const span of [...origins.spans].reverse()) {
    if (span.end > turnStart) continue;
    if (span.end < turnStart || span.leaf || origins.ownerOf(span) !== i) break;
    turnStart = span.start;
  }
  const before = origins.text.slice(turnStart, first);
  if (!before) return first;
  const header = endOfOpening(before, openingBehind(i));
  const { leaf, from } = origins.piecesOf(i)[0]!;
  const begins = leaf!.field === 'content' && from === 0;
  // Where the template says nothing of how an answer opens, what is before its content may be that.
  if (begins && !header) return first;
  return isBlank(before.slice(header)) ? first : turnStart + header;
}

/** Where the opening, or as much of it as a template writes of a finished answer (half, or it is another), ends last. */
function endOfOpening(before: string, opening: string): number {
  let [best, end] = [opening.length / 2, 0];
  for (let at = 0; opening && at < before.length; at++) {
    const shared = commonPrefix(before, at, opening);
    if (shared >= best) [best, end] = [shared, at + shared];
  }
  return end;
}

function commonPrefix(text: string, from: number, other: string): number {
  let at = 0;
  while (at < other.length && text.charCodeAt(from + at) === other.charCodeAt(at)) at++;
  return at;
}

function endOf(i: number, written: number, { origins, eosToken }: AnswerContext): number {
  const { text, spans } = origins;
  const next = spans.find(
    ({ leaf, start }) => leaf?.message !== undefined && leaf.message !== i && start >= written,
  );
  if (!next) return withoutSpaces(text, written, text.length);
  let end = written;
  for (const span of spans) {
    if (span.start > end) break;
    if (span.start === end && !span.leaf && origins.ownerOf(span) === i) end = span.end;
  }
  if (isBlank(text.slice(written, end))) {
    // The template closes an answer outside of its turn, or its loops do not tell whose turn it is.
    const gap = text.slice(written, next.start);
    const eos = eosToken ? gap.indexOf(eosToken) : -1;
    if (eos >= 0)
      end =
        written + eos + eosToken!.length + (/^\n+/.exec(gap.slice(eos + eosToken!.length))?.[0].length ?? 0);
    else if (end === written && origins.ownerOf(origins.piecesOf(i)[0]!) === undefined) {
      leftOut('answerNotFound', `it cannot be told where message ${i + 1} ends`);
    }
  }
  return withoutSpaces(text, written, end);
}

/** Blanks behind the closing belong to what comes next: they are in its first token. */
function withoutSpaces(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  return end;
}
