import { isBlank } from '../jinja/string-methods.js';
import { leftOut } from './left-out.js';
import type { Span } from '../jinja/span.js';
import type { Opening } from './opening.js';
import type { Origins } from './origins.js';

/** A stretch of the text, in UTF-16 units. */
export type Range = readonly [start: number, end: number];

export interface AnswerContext {
  readonly origins: Origins;
  readonly eosToken: string | undefined;
  /** What the template writes to open an answer: the model need not write that itself. */
  readonly opening: () => Opening;
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
  const [first, last] = [pieces[0]!, pieces.at(-1)!];
  const start = startOf(i, first, context);
  const end = endOf(i, last, context);
  const between = origins.spans.slice(origins.indexOf(first), origins.indexOf(last));
  // In its turn, or in what was taken for the answer.
  const stranger =
    origins.strangerIn(i) ?? between.find(({ leaf }) => leaf?.message !== undefined && leaf.message !== i);
  if (stranger) {
    leftOut(
      'answerNotFound',
      `the template writes message ${stranger.leaf!.message! + 1} inside message ${i + 1}`,
    );
  }
  return [start, end];
}

/** Back to what opens the answer, over what the template puts before a tool call or a thought: `<tool_call>`, `<think>`. */
function startOf(i: number, first: Span, { origins, opening }: AnswerContext): number {
  const { spans, text } = origins;
  const at = origins.indexOf(first);
  let turnStart = first.start;
  for (let k = at - 1; k >= 0; k--) {
    const span = spans[k]!;
    if (span.end < turnStart || span.leaf || origins.ownerOf(span) !== i) break;
    turnStart = span.start;
  }
  // A template may open an answer outside of its turn.
  let before = at - 1;
  while (before >= 0 && !spans[before]!.leaf) before--;
  const gapStart = spans[before]?.end ?? 0;
  const opened = [turnStart, gapStart]
    .map((from) => from + opening().endIn(text.slice(from, first.start)))
    .find((place, k) => place > [turnStart, gapStart][k]!);
  const begins = first.leaf!.field === 'content' && first.from === 0;
  // Where the template says nothing of how an answer opens, what is before its content may be that.
  const start = opened ?? (begins ? first.start : turnStart);
  return isBlank(text.slice(start, first.start)) ? first.start : start;
}

function endOf(i: number, last: Span, context: AnswerContext): number {
  const { origins, eosToken } = context;
  const { text, spans } = origins;
  const written = last.end;
  let end = written;
  let at = origins.indexOf(last) + 1;
  for (; spans[at]?.start === end && !spans[at]!.leaf && origins.ownerOf(spans[at]!) === i; at++) {
    end = spans[at]!.end;
  }
  const next = nextOf(i, spans, at);
  if (!next) return endOfLast(text, { written, end }, context);
  if (!isBlank(text.slice(written, end))) return withoutSpaces(text, written, end);
  // The template closes an answer outside of its turn, or its loops do not tell whose turn it is.
  const gap = text.slice(written, next.start);
  const eos = eosToken ? gap.indexOf(eosToken) : -1;
  if (eos >= 0) {
    const behind = eos + eosToken!.length;
    return written + behind + (/^\n+/.exec(gap.slice(behind))?.[0].length ?? 0);
  }
  if (end === written && origins.ownerOf(last) === undefined) {
    leftOut('answerNotFound', `it cannot be told where message ${i + 1} ends`);
  }
  return withoutSpaces(text, written, end);
}

/** With an end of text behind the turn, but without what stands there of a next message: some templates open an answer. */
function endOfLast(
  text: string,
  { written, end }: { written: number; end: number },
  { opening }: AnswerContext,
): number {
  const { sign } = opening();
  const another = sign ? text.indexOf(sign, end) : -1;
  const behind = another < 0 ? text.length : another;
  return withoutSpaces(text, written, isBlank(text.slice(end, behind)) && end > written ? end : behind);
}

/** The first span from `at` on with something of another message. */
function nextOf(i: number, spans: readonly Span[], at: number): Span | undefined {
  for (let next = at; next < spans.length; next++) {
    const message = spans[next]!.leaf?.message;
    if (message !== undefined && message !== i) return spans[next];
  }
  return undefined;
}

/** Blanks behind the closing belong to what comes next: they are in its first token. */
function withoutSpaces(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  return end;
}
