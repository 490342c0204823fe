import type { ChatMessage } from '@temper/contracts';
import { isBlank } from '../jinja/string-methods.js';
import type { Span } from '../jinja/span.js';
import { leftOut } from './left-out.js';
import type { Origins } from './origins.js';
import { reasoningFields } from './variables.js';

/** Whether a message says anything: an answer that does not is not learnt. */
export const isEmptyMessage = ({ content, json }: ChatMessage): boolean =>
  isBlank(content) && !filled(json, 'tool_calls') && !reasoningFields.some((field) => filled(json, field));

function filled(json: string | undefined, field: string): boolean {
  const value = json && (JSON.parse(json) as Record<string, unknown>)[field];
  return Array.isArray(value)
    ? value.length > 0
    : typeof value === 'string'
      ? !isBlank(value)
      : Boolean(value);
}

/**
 * How many parts of the messages the template leaves out (the reasoning of earlier turns, say).
 * @throws LeftOut where it leaves out a whole message, its tool calls, or the tools
 */
export function partsNotWritten(
  origins: Origins,
  messages: readonly ChatMessage[],
  { source, tools }: { source: string; tools: string | undefined },
): number {
  if (tools !== undefined && (JSON.parse(tools) as unknown[]).length) {
    const written = origins.spans.some(({ leaf }) => leaf?.field === 'tools');
    if (!written) leftOut('messageNotWritten', "the model's chat template does not write the tools");
  }
  return messages.reduce((total, message, i) => total + missingParts(origins, message, i, source), 0);
}

function missingParts(origins: Origins, message: ChatMessage, i: number, source: string): number {
  const pieces = origins.piecesOf(i);
  const has = (field: string) => pieces.some(({ leaf }) => leaf!.field === field);
  const not = (what: string) =>
    leftOut(
      'messageNotWritten',
      `the model's chat template does not write ${what}message ${i + 1} (${message.role})`,
    );
  if (!isBlank(message.content) && !pieces.length) not('');
  if (filled(message.json, 'tool_calls') && !has('tool_calls')) not('the tool calls of ');
  const call = callNotWritten(message, pieces);
  if (call !== undefined) not(`tool call ${call + 1} of `);
  const reasoning = reasoningFields.find((field) => filled(message.json, field));
  let missing = 0;
  if (reasoning && !reasoningFields.some(has)) {
    // One that knows reasoning leaves that of earlier turns out; one that does not would never learn any.
    if (!readsReasoning(source)) not('the reasoning of ');
    missing++;
  }
  if (!pieces.length || partsOf(message)) return missing;
  if (!isBlank(message.content) && !has('content')) return missing + 1;
  const content = pieces.filter(({ leaf }) => leaf!.field === 'content');
  const [start, end] = [Math.min(origins.turnOf(i)?.start ?? Infinity, pieces[0]!.start), pieces.at(-1)!.end];
  const near = origins.text.slice(start, end + 64);
  return missing + gaps(message.content, content).filter((part) => !near.includes(part.trim())).length;
}

/** Whether a template asks for the reasoning of a message; the words alone are in many a prompt. */
const readsReasoning = (source: string): boolean =>
  new RegExp(`\\.(${reasoningFields.join('|')})\\b|(['"])(${reasoningFields.join('|')})\\2`).test(source);

/** The first of several tool calls of which nothing is written. */
function callNotWritten({ json }: ChatMessage, pieces: readonly Span[]): number | undefined {
  const calls = json && (JSON.parse(json) as { tool_calls?: unknown }).tool_calls;
  if (!Array.isArray(calls)) return undefined;
  const written = new Set(pieces.flatMap(({ leaf }) => (leaf!.field === 'tool_calls' ? [leaf!.item] : [])));
  if (written.has(undefined)) return undefined;
  const missing = calls.findIndex((_, k) => !written.has(k));
  return missing < 0 ? undefined : missing;
}

/** The parts of a content that is not one text. */
export function partsOf({ json }: ChatMessage): readonly unknown[] | undefined {
  const content = json && (JSON.parse(json) as { content?: unknown }).content;
  return Array.isArray(content) ? content : undefined;
}

export const isTextPart = (part: unknown): boolean =>
  typeof (part as { text?: unknown } | null)?.text === 'string' &&
  ((part as { type?: unknown }).type ?? 'text') === 'text';

/** The stretches of a content that are in none of the pieces, but for white space. */
function gaps(content: string, pieces: readonly Span[]): string[] {
  const ordered = [...pieces].sort((a, b) => a.from - b.from);
  const found: string[] = [];
  let at = 0;
  for (const { from, to } of ordered) {
    if (from > at) found.push(content.slice(at, from));
    at = Math.max(at, to);
  }
  found.push(content.slice(at));
  return found.filter((part) => !isBlank(part));
}
