/** Where a text comes from: a field of one message (numbers are from 0), or of the conversation (`message` absent). */
export interface Leaf {
  readonly message?: number | undefined;
  readonly field: string;
  /** Of a list, which one of it. */
  readonly item?: number | undefined;
}

/** One pass of a loop; `message`, where the loop goes over messages. */
export interface Turn {
  readonly message: number | undefined;
  readonly parent: Turn | undefined;
}

/** A stretch of a text with what is known of it. Places are UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** What it was made of, and which part of that. */
  readonly leaf?: Leaf | undefined;
  readonly from: number;
  readonly to: number;
  /** Where the template wrote it. */
  readonly turn?: Turn | undefined;
  /** The `{% generation %}` block that it is in. */
  readonly generation?: object | undefined;
}

/** The span (of nothing that is known, without one) at another place; written in this pass and block, if in none yet. */
export const placedAt = (
  span: Span | undefined,
  start: number,
  end: number,
  turn?: Turn,
  generation?: object,
): Span => ({
  start,
  end,
  leaf: span?.leaf,
  from: span?.from ?? 0,
  to: span?.to ?? 0,
  turn: span?.turn ?? turn,
  generation: span?.generation ?? generation,
});

/** Adds a span; one that goes on with the last one prolongs it. */
export function addSpan(spans: Span[], span: Span): void {
  const last = spans.at(-1);
  const goesOn =
    last &&
    last.end === span.start &&
    last.to === span.from &&
    last.leaf === span.leaf &&
    last.turn === span.turn &&
    last.generation === span.generation;
  if (goesOn) {
    const { start, leaf, from, turn, generation } = last;
    spans[spans.length - 1] = { start, end: span.end, leaf, from, to: span.to, turn, generation };
  } else spans.push(span);
}
