import { Text, type Span, type Str, type Turn } from '../jinja/text.js';

/** What a rendered conversation says of where its parts come from. */
export interface Origins {
  readonly text: string;
  readonly spans: readonly Span[];
  /** The message in whose turn the template wrote the span, as far as its loops tell. */
  ownerOf(span: Span): number | undefined;
  /** The spans with something of a message, in its own turn where there are such. */
  piecesOf(message: number): readonly Span[];
}

export function originsOf(rendered: Str): Origins {
  const { value: text, spans } = rendered instanceof Text ? rendered : new Text(rendered, []);
  const within = messagesWithin(spans);
  const ownerOf = ({ turn }: Span): number | undefined => {
    for (let at = turn; at; at = at.parent) {
      if (at.message !== undefined) return at.message;
      const [only, ...others] = within.get(at) ?? [];
      if (only !== undefined && !others.length) return only;
    }
    return undefined;
  };
  const byMessage = new Map<number, Span[]>();
  for (const span of spans) {
    const message = span.leaf?.message;
    if (message === undefined) continue;
    const known = byMessage.get(message);
    if (known) known.push(span);
    else byMessage.set(message, [span]);
  }
  return {
    text,
    spans,
    ownerOf,
    piecesOf: (message) => {
      const all = byMessage.get(message) ?? [];
      const own = all.filter((span) => ownerOf(span) === message);
      return own.length ? own : all;
    },
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
