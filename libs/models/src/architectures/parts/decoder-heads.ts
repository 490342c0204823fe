import type { Value } from '@temper/graph';
import type { Build } from '../../build/build.js';
import { meanOfTokens } from '../../build/inputs.js';
import { linear } from '../../build/module.js';
import type { FamilyHead } from '../family.js';

/** What stands between a decoder's last layer and its heads, and what they are. */
export interface DecoderEnd<C> {
  /** The last norm, and what follows it: of the rows that the head reads. */
  finish(build: Build, settings: C, rows: Value): Value;
  /** Elements of a finished row. */
  width(settings: C): number;
  vocabulary(settings: C): number;
  /** The embedding module whose table is the language model's head, where it is tied. */
  table(settings: C): string | undefined;
  /** The language model's head has a bias. */
  readonly bias?: true;
  /** Logits become c·tanh(logits/c). */
  softcap?(settings: C): number | undefined;
}

/** `lm_head`; only what is counted goes through the norm and the head, the largest product of a small model. */
export const causalLm = <C>(end: DecoderEnd<C>): FamilyHead<C> => ({
  modules: (s) => {
    const tied = end.table(s);
    return [
      linear('lm_head', end.vocabulary(s), end.width(s), {
        tied,
        bias: end.bias ?? false,
        givesTokens: true,
      }),
    ];
  },
  forward: (build, s, x) =>
    capped(build, build.linear('lm_head', end.finish(build, s, build.headRows(x))), end.softcap?.(s)),
});

/** `score` of each example's last token, the only one that has seen all others. */
export const lastTokenClassifier = <C>(end: DecoderEnd<C>): FamilyHead<C> => ({
  modules: (s, labels) => [linear('score', labels, end.width(s), { head: 'per-class' })],
  forward: (build, s, x) => build.linear('score', end.finish(build, s, build.headRows(x))),
});

/** The mean of the finished rows of each example's tokens: [B, width]. Nothing is added to the model. */
export const meanPooled = <C>(end: DecoderEnd<C>): FamilyHead<C> => ({
  modules: () => [],
  forward: (build, s, x) => meanOfTokens(build.g, build.inputs, end.finish(build, s, x)),
});

/** A class for each counted token, with dropout before it. */
export const tokenClassifier = <C>(
  end: DecoderEnd<C>,
  name: string,
  rateOf: (settings: C) => number,
): FamilyHead<C> => ({
  modules: (s, labels) => [linear(name, labels, end.width(s), { bias: true, head: 'per-class' })],
  // The sizes of a mask are known for all tokens, not for those that are counted.
  forward: (build, s, x) => {
    const dropped = build.dropout(name, end.finish(build, s, x), rateOf(s));
    return build.linear(name, build.headRows(dropped));
  },
});

/** c·tanh(x/c) */
function capped({ g }: Build, x: Value, softcap: number | undefined): Value {
  if (softcap === undefined) return x;
  const cap = g.scalar('float32', softcap);
  return g.op('Mul', [g.op('Tanh', [g.op('Div', [x, cap])]), cap]);
}

/** transformers' classes of a decoder that has one for each of these heads. */
export const decoderClasses = (name: string) =>
  ({
    'causal-lm': `${name}ForCausalLM`,
    'sequence-classification': `${name}ForSequenceClassification`,
    'token-classification': `${name}ForTokenClassification`,
    embedding: `${name}Model`,
  }) as const;
