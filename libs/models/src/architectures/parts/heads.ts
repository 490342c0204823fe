import type { Value } from '@temper/graph';
import type { ActivationName } from '../../build/activations.js';
import type { Build } from '../../build/build.js';
import { meanOfTokens } from '../../build/inputs.js';
import { bareParameter, layerNorm, linear, type Module } from '../../build/module.js';
import type { FamilyHead } from '../family.js';
import type { BertSettings } from './bert-config.js';

/** Mean of the rows of each example's tokens: [B, hidden]. Nothing is added to the model. */
export const meanPooled: FamilyHead<unknown> = {
  modules: () => [],
  forward: ({ g, inputs }, _, x) => meanOfTokens(g, inputs, x),
};

/** A class for each counted token: the layer `name` on its row. */
const ofTokens = <C extends { readonly hidden: number }>(
  name: string,
  rateOf: (settings: C) => number,
): FamilyHead<C> => ({
  modules: ({ hidden }, labels) => [linear(name, labels, hidden, { bias: true, head: 'per-class' })],
  // The sizes of a mask are known for all tokens, not for those that are counted.
  forward: (build, s, x) => build.linear(name, build.headRows(build.dropout(name, x, rateOf(s)))),
});

export const tokenClassifier = <C extends { readonly hidden: number }>(
  rateOf: (settings: C) => number,
): FamilyHead<C> => ofTokens('classifier', rateOf);

/** Whether an answer begins, and whether it ends, at each token; most families drop nothing before it. */
export const spanOfTokens = <C extends { readonly hidden: number }>(
  rateOf: (settings: C) => number = () => 0,
): FamilyHead<C> => ofTokens('qa_outputs', rateOf);

/** `classifier.out_proj(f(classifier.dense(x)))` of the first token's row, with dropout before each of the two. */
export const denseClassifier = <C extends { readonly hidden: number }>(
  activation: ActivationName,
  rateOf: (settings: C) => number,
): FamilyHead<C> => ({
  modules: ({ hidden }, labels) => [
    linear('classifier.dense', hidden, hidden, { bias: true, head: 'with-classes' }),
    linear('classifier.out_proj', labels, hidden, { bias: true, head: 'per-class' }),
  ],
  forward: (build, s, first) => {
    const rate = rateOf(s);
    const dense = build.linear('classifier.dense', build.dropout('classifier.dense', first, rate));
    const active = build.activation(activation, dense);
    return build.linear('classifier.out_proj', build.dropout('classifier.out_proj', active, rate));
  },
});

/** A masked language model's head: decoder(norm(f(dense(x)))) + bias. */
export interface MaskedLm {
  readonly dense: string;
  /** transformers takes `dense` for the output embeddings: it stays as it is where linear modules are quantised or adapted. */
  readonly denseGivesTokens?: true;
  readonly norm: string;
  readonly decoder: string;
  /** The bias of a tied decoder, where it is not the decoder's own. */
  readonly bias?: string;
  /** The embedding module whose table is the decoder's weight; undefined: it has its own. */
  readonly table: string | undefined;
  readonly activation: ActivationName;
  readonly hidden: number;
  /** Width of the table's rows. */
  readonly size: number;
  readonly vocabulary: number;
  readonly epsilon: number;
}

/** What a tied decoder's bias is called, where it stands beside the decoder: then the decoder has none itself. */
const besideDecoder = ({ bias, table }: MaskedLm) => (table === undefined ? undefined : bias);

export const maskedLmModules = (m: MaskedLm): Module[] => {
  const beside = besideDecoder(m);
  return [
    linear(m.dense, m.size, m.hidden, { bias: true, head: 'shared', givesTokens: m.denseGivesTokens }),
    layerNorm(m.norm, m.size, m.epsilon, { head: 'shared' }),
    linear(m.decoder, m.vocabulary, m.size, {
      ...{ bias: beside === undefined, tied: m.table },
      ...{ head: 'shared', givesTokens: true },
    }),
    ...(beside === undefined ? [] : [bareParameter(beside, [m.vocabulary], 'bias', { kind: 'zeros' })]),
  ];
};

/** [counted, vocabulary] */
export function maskedLmLogits(build: Build, m: MaskedLm, x: Value): Value {
  const dense = build.activation(m.activation, build.linear(m.dense, build.headRows(x)));
  const scores = build.linear(m.decoder, build.norm(m.norm, dense));
  const beside = besideDecoder(m);
  return beside === undefined ? scores : build.g.op('Add', [scores, build.weight(beside)]);
}

export const maskedLm = <C>(of: (settings: C) => MaskedLm): FamilyHead<C> => ({
  modules: (s) => maskedLmModules(of(s)),
  forward: (build, s, x) => maskedLmLogits(build, of(s), x),
});

/** RoBERTa's, by its names, which MPNet has too; `table` is that of the words. */
export const robertaMaskedLm = (table: string): FamilyHead<BertSettings> =>
  maskedLm((s) => ({
    dense: 'lm_head.dense',
    norm: 'lm_head.layer_norm',
    decoder: 'lm_head.decoder',
    bias: 'lm_head.bias',
    table: s.tied ? table : undefined,
    ...{ activation: 'gelu', hidden: s.hidden, size: s.hidden },
    ...{ vocabulary: s.vocabulary, epsilon: s.epsilon },
  }));
