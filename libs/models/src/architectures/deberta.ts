import { embedding, layerNorm, linear } from '../build/module.js';
import type { Family } from './family.js';
import { embed, embeddingModules, type Embeddings } from './parts/embeddings.js';
import { debertaFields, readDeberta, type DebertaSettings } from './parts/deberta-config.js';
import { disentangled, type Disentangled } from './parts/disentangled.js';
import { maskedLm, meanPooled, spanOfTokens, tokenClassifier } from './parts/heads.js';
import { encoderClasses, isBuffer, withoutGamma } from './parts/names.js';
import { bertLayerNames, postNorm, postNormModules, type PostNormNames } from './parts/post-norm.js';

const table = 'deberta.embeddings.word_embeddings';
const projection = 'deberta.embeddings.embed_proj';
const positionTable = 'deberta.encoder.rel_embeddings';
const positionNorm = 'deberta.encoder.LayerNorm';

const names: PostNormNames = {
  ...bertLayerNames('deberta.'),
  query: 'attention.self.query_proj',
  key: 'attention.self.key_proj',
  value: 'attention.self.value_proj',
};

const embeddings = (s: DebertaSettings): Embeddings => ({
  ...{ name: 'deberta.embeddings', size: s.embeddingSize, dropout: s.hiddenDropout },
  ...{ vocabulary: s.vocabulary, tokenTypes: s.tokenTypes, epsilon: s.epsilon },
  positions: s.absolutePositions ? s.positions : 0,
  ...{ padding: s.padding },
});

const layer = (n: number) => `${names.layer(n)}.attention.self`;

/** Modules that make keys and queries of the positions; of each layer. */
const positionModules = (s: DebertaSettings) =>
  Array.from({ length: s.layers }, (_, n) =>
    ownProjections(s).map((name) => ({
      ...linear(`${layer(n)}.${name}`, s.hidden, s.hidden, { bias: true }),
      layer: n,
    })),
  ).flat();

const ownProjections = ({ relative }: DebertaSettings): string[] => {
  if (!relative || relative.shared) return [];
  return [
    ...(relative.contentToPosition ? ['pos_key_proj'] : []),
    ...(relative.positionToContent ? ['pos_query_proj'] : []),
  ];
};

/** DeBERTa v2 and v3: scores of contents and positions apart. */
export const deberta: Family<DebertaSettings> = {
  classes: { 'deberta-v2': encoderClasses('DebertaV2') },
  fields: { 'deberta-v2': debertaFields },
  body: 'deberta.',
  layerOf: /^deberta\.encoder\.layer\.(\d+)\./,
  width: (s) => s.hidden,
  keyWidth: () => undefined,
  layers: (s) => s.layers,
  tied: {
    table: `${table}.weight`,
    head: 'cls.predictions.decoder.weight',
    bias: { own: 'cls.predictions.bias', decoder: 'cls.predictions.decoder.bias' },
  },
  settings: readDeberta,

  canonicalName(name, s) {
    const modern = withoutGamma(name).replace(/^(embeddings|encoder)\./, 'deberta.$1.');
    if (isBuffer(name)) return undefined;
    // DeBERTa v3 was published with a table that it does not read, and there may be a norm for no table.
    const unread = [
      ...(s.absolutePositions ? [] : ['deberta.embeddings.position_embeddings.']),
      ...(s.relative ? [] : [`${positionNorm}.`]),
    ];
    return unread.some((start) => modern.startsWith(start)) ? undefined : modern;
  },

  maxPositions: (s) => s.positions,
  vocabulary: (s) => s.vocabulary,
  defaultTargets: {
    updated: ['query_proj', 'value_proj'],
    scaled: ['key_proj', 'value_proj', 'output.dense'],
    feedforward: ['output.dense'],
  },

  modules: (s) => [
    ...embeddingModules(embeddings(s), s.hidden),
    ...(s.embeddingSize === s.hidden ? [] : [linear(projection, s.hidden, s.embeddingSize)]),
    ...postNormModules(s, names),
    ...positionModules(s),
    ...(s.relative ? [embedding(positionTable, 2 * s.relative.span, s.hidden)] : []),
    ...(s.relative?.normalised ? [layerNorm(positionNorm, s.hidden, s.epsilon)] : []),
  ],

  heads: {
    'sequence-classification': {
      modules: ({ hidden }, labels) => [
        linear('pooler.dense', hidden, hidden, { bias: true, head: 'shared' }),
        linear('classifier', labels, hidden, { bias: true, head: 'per-class' }),
      ],
      forward: (build, s, first) => {
        const dense = build.linear('pooler.dense', build.dropout('pooler', first, s.poolerDropout));
        const pooled = build.activation(s.poolerActivation, dense);
        return build.linear('classifier', build.dropout('classifier', pooled, s.classifierDropout));
      },
    },
    'token-classification': tokenClassifier((s) => s.hiddenDropout),
    'question-answering': spanOfTokens(),
    'masked-lm': maskedLm((s) => ({
      ...(s.legacyHead
        ? {
            dense: 'cls.predictions.transform.dense',
            norm: 'cls.predictions.transform.LayerNorm',
            decoder: 'cls.predictions.decoder',
            bias: 'cls.predictions.bias',
            table: s.tied ? table : undefined,
            size: s.embeddingSize,
          }
        : {
            dense: 'lm_predictions.lm_head.dense',
            // DebertaV2ForMaskedLM.get_output_embeddings
            denseGivesTokens: true,
            norm: 'lm_predictions.lm_head.LayerNorm',
            decoder: 'lm_predictions.lm_head.decoder',
            bias: 'lm_predictions.lm_head.bias',
            table,
            size: s.hidden,
          }),
      ...{ activation: s.activation, hidden: s.hidden, vocabulary: s.vocabulary, epsilon: s.epsilon },
    })),
    embedding: meanPooled,
  },

  forward(build, s, head) {
    const project = s.embeddingSize === s.hidden ? undefined : projection;
    const x = embed(build, embeddings(s), {
      ...(project ? { project: (_, rows) => build.linear(project, rows) } : {}),
    });
    return postNorm(build, s, names, x, {
      firstOnly: head === 'sequence-classification',
      attention: disentangled(build, s, placesOf(s)),
    });
  },
};

const placesOf = (s: DebertaSettings): Disentangled => ({
  table: positionTable,
  norm: s.relative?.normalised ? positionNorm : undefined,
  keys: (n) => `${layer(n)}.${s.relative?.shared ? 'key_proj' : 'pos_key_proj'}`,
  queries: (n) => `${layer(n)}.${s.relative?.shared ? 'query_proj' : 'pos_query_proj'}`,
  dropout: (n) => `${layer(n)}.pos_dropout`,
});
