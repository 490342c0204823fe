import type { Span, Turn } from '../jinja/span.js';
import { Text, type Str } from '../jinja/text.js';

/** What a rendered conversation says of where its parts come from. */
export interface Origins {
  readonly text: string;
  readonly spans: readonly Span[];
  /** The place of a span in `spans`. */
  indexOf(span: Span): number;
  /** The message in whose turn the template wrote the span, as far as its loops tell. */
  ownerOf(span: Span): number | undefined;
  /** The spans with something of a message, in its own turn where there are such. */
  piecesOf(message: number): readonly Span[];
  /** The first span of a message's turn. */
  turnOf(message: number): Span | undefined;
  /** A span with something of another message, written in this one's turn. */
  strangerIn(message: number): Span | undefined;
}

export function originsOf(rendered: Str): Origins {
  const { value: text, spans } = rendered instanceof Text ? rendered : new Text(rendered, []);
  const ownerOf = ownersOf(spans);
  const places = new Map<Span, number>();
  const pieces = new Map<number, Span[]>();
  const own = new Map<number, Span[]>();
  const turns = new Map<number, Span>();
  const strangers = new Map<number, Span>();
  for (const [i, span] of spans.entries()) {
    places.set(span, i);
    const owner = ownerOf(span);
    const message = span.leaf?.message;
    if (owner !== undefined && !turns.has(owner)) turns.set(owner, span);
    if (message === undefined) continue;
    add(pieces, message, span);
    if (owner === message) add(own, message, span);
    else if (owner !== undefined) strangers.set(owner, span);
  }
  return {
    text,
    spans,
    indexOf: (span) => places.get(span)!,
    ownerOf,
    piecesOf: (message) => own.get(message) ?? pieces.get(message) ?? [],
    turnOf: (message) => turns.get(message),
    strangerIn: (message) => strangers.get(message),
  };
}

function add(to: Map<number, Span[]>, message: number, span: Span): void {
  const known = to.get(message);
  if (known) known.push(span);
  else to.set(message, [span]);
}

function ownersOf(spans: readonly Span[]): Origins['ownerOf'] {
  const within = messagesWithin(spans);
  return ({ turn }) => {
    for (let at = turn; at; at = at.parent) {
      if (at.message !== undefined) return at.message;
      const [only, ...others] = within.get(at) ?? [];
      if (only !== undefined && !others.length) return only;
    }
    return undefined;
  };
}

/** The messages of which something is written in a pass of a loop: where it is one, the pass is that message's turn. */
function messagesWithin(spans: readonly Span[]): Map<Turn, Set<number>> {
  const within = new Map<Turn, Set<number>>();
  for (const { leaf, turn } of spans) {
    if (leaf?.message === undefined) continue;
    for (let at = turn; at; at = at.parent) {
      const known = within.get(at);
      if (known) known.add(leaf.message);
      else within.set(at, new Set([leaf.message]));
    }
  }
  return within;
}
