import type { Span } from '../jinja/span.js';
import type { Range } from './answers.js';
import type { Origins } from './origins.js';

/** Where the template's own `{% generation %}` blocks are, of the messages that are learnt. */
export function generationRanges(origins: Origins, learnt: readonly number[]): Range[] {
  const blocks = new Map<object, Span[]>();
  for (const span of origins.spans) {
    if (!span.generation) continue;
    const known = blocks.get(span.generation);
    if (known) known.push(span);
    else blocks.set(span.generation, [span]);
  }
  return [...blocks.values()]
    .filter((spans) => learnt.includes(messageOf(origins, spans) ?? -1))
    .map((spans): Range => [spans[0]!.start, spans.at(-1)!.end]);
}

/** Whose answer a block is: of the message that is in it, in whose turn it is, or behind which it is. */
function messageOf(origins: Origins, spans: readonly Span[]): number | undefined {
  const within = spans.flatMap((span) => span.leaf?.message ?? origins.ownerOf(span) ?? []);
  if (within.length) return within[0];
  return origins.spans.findLast(({ leaf, end }) => leaf?.message !== undefined && end <= spans[0]!.start)
    ?.leaf?.message;
}
