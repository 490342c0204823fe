import { addSpan, placedAt, type Leaf, type Span, type Turn } from './span.js';

/**
 * A text that remembers where its parts come from. Spans are in their order, apart and not empty. A text of parts looks for
 * them when they are asked for: a template may prolong one text message by message.
 */
export class Text {
  private found: readonly Span[] | undefined;
  private parts: readonly Str[] = [];
  /** Whether it is known of all of it where the template wrote it. */
  private placed = false;

  constructor(
    readonly value: string,
    spans?: readonly Span[],
  ) {
    this.found = spans;
  }

  static of(parts: readonly Str[]): Text {
    const text = new Text(parts.reduce<string>((value, part) => value + raw(part), ''));
    text.parts = parts;
    text.placed = parts.every((part) => part instanceof Text && part.placed);
    return text;
  }

  /** The text as written in that pass of a loop, where it was not written before: it may be kept and printed elsewhere. */
  static written(text: Str, turn: Turn): Str {
    if (!raw(text) || text instanceof Safe || (text instanceof Text && text.placed)) return text;
    const spans: Span[] = [];
    let start = 0;
    for (const { value, span } of stretches(text)) {
      const end = start + value.length;
      addSpan(spans, placedAt(span, start, end, turn));
      start = end;
    }
    const made = new Text(raw(text), spans);
    made.placed = true;
    return made;
  }

  get spans(): readonly Span[] {
    if (!this.found) {
      this.found = this.spansOfParts();
      this.parts = [];
    }
    return this.found;
  }

  private spansOfParts(): Span[] {
    const spans: Span[] = [];
    let place = 0;
    const left = this.parts.toReversed();
    for (let part = left.pop(); part !== undefined; part = left.pop()) {
      if (part instanceof Text && !part.found) {
        for (let k = part.parts.length - 1; k >= 0; k--) left.push(part.parts[k]!);
        continue;
      }
      for (const span of part instanceof Text ? part.spans : []) {
        addSpan(spans, placedAt(span, span.start + place, span.end + place));
      }
      place += raw(part).length;
    }
    return spans;
  }
}

/** A text behind `|safe`: what is joined to it is escaped for HTML. */
export class Safe extends Text {}

export type Str = string | Text;

export const raw = (text: Str): string => (typeof text === 'string' ? text : text.value);
export const isText = (value: unknown): value is Str => typeof value === 'string' || value instanceof Text;

/** All of a text, as coming from there. */
export const tagged = (value: string, leaf: Leaf | undefined): Str =>
  leaf && value ? new Text(value, [{ start: 0, end: value.length, leaf, from: 0, to: value.length }]) : value;

export function concat(parts: readonly Str[]): Str {
  if (parts.every((part) => typeof part === 'string')) return parts.join('');
  const filled = parts.filter((part) => raw(part));
  return filled.length > 1 ? Text.of(filled) : (filled[0] ?? '');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&#39;',
  '"': '&#34;',
};
const escaped = (text: Str): Str =>
  text instanceof Safe ? text : transform(text, (value) => value.replace(/[&<>'"]/g, (of) => entities[of]!));

export const safe = (text: Str): Safe => new Safe(raw(text), text instanceof Text ? text.spans : []);

/** Two texts as `+` joins them; `~` escapes nothing. */
export const added = (a: Str, b: Str): Str =>
  a instanceof Safe || b instanceof Safe ? safe(concat([escaped(a), escaped(b)])) : concat([a, b]);

export const join = (parts: readonly Str[], separator: Str): Str =>
  concat(parts.flatMap((part, i) => (i ? [separator, part] : [part])));

export function slice(text: Str, start: number, end: number = raw(text).length): Str {
  if (typeof text === 'string') return text.slice(start, end);
  const spans = text.spans.flatMap((span) => {
    const [a, b] = [Math.max(span.start, start), Math.min(span.end, end)];
    if (a >= b) return [];
    // Only where characters were kept one to one is it known which of them a part of the span was.
    const exact = span.end - span.start === span.to - span.from;
    const of = exact ? { from: span.from + a - span.start, to: span.to + b - span.end } : {};
    return [{ ...span, ...of, start: a - start, end: b - start }];
  });
  const value = text.value.slice(start, end);
  return spans.length ? new Text(value, spans) : value;
}

/** The text in stretches that each have one span or none. */
export function stretches(text: Str): { value: string; span: Span | undefined }[] {
  if (typeof text === 'string') return [{ value: text, span: undefined }];
  const found: { value: string; span: Span | undefined }[] = [];
  let at = 0;
  const bare = (end: number) => {
    if (end > at) found.push({ value: text.value.slice(at, end), span: undefined });
  };
  for (const span of text.spans) {
    bare(span.start);
    found.push({ value: text.value.slice(span.start, span.end), span });
    at = span.end;
  }
  bare(text.value.length);
  return found;
}

/** Each stretch rewritten; what it becomes comes from where it came from. */
export function transform(text: Str, rewrite: (value: string) => string): Str {
  if (typeof text === 'string') return rewrite(text);
  return concat(
    stretches(text).map(({ value, span }) => {
      const made = rewrite(value);
      return span && made ? new Text(made, [{ ...span, start: 0, end: made.length }]) : made;
    }),
  );
}

/** A text in the place of another: it comes from where that one came from, if it comes from nowhere itself. */
export function inPlaceOf(made: Str, replaced: Str): Str {
  if (made instanceof Text || typeof replaced === 'string' || !made) return made;
  const first = replaced.spans[0];
  const last = replaced.spans.at(-1)!;
  return first ? new Text(made, [{ ...first, start: 0, end: made.length, to: last.to }]) : made;
}
