import type { Span } from '../jinja/text.js';
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
  const isLearnt = (span: Span) => learnt.includes(origins.ownerOf(span) ?? span.leaf?.message ?? -1);
  return [...blocks.values()]
    .filter((spans) => spans.some(isLearnt))
    .map((spans): Range => [spans[0]!.start, spans.at(-1)!.end]);
}
