import { linear } from '../build/module.js';
import { ConfigReader } from './config-reader.js';
import type { Family } from './family.js';
import { none, only, read, type Fields } from './fields.js';
import { bertFields, readBert, type BertSettings } from './parts/bert-config.js';
import { embed, embeddingModules, type Embeddings } from './parts/embeddings.js';
import { maskedLm, meanPooled, spanOfTokens, tokenClassifier } from './parts/heads.js';
import { encoderClasses, isBuffer, withoutGamma } from './parts/names.js';
import { postNorm, postNormModules, type PostNormNames } from './parts/post-norm.js';

export interface Settings extends BertSettings {
  readonly tokenTypes: number;
  /** Elements of the rows of the tables, which are projected to `hidden` also where that is the same number. */
  readonly embeddingSize: number;
  /** Layers in a row of which each computes with the same weights. */
  readonly groups: number;
  readonly classifierDropout: number;
}

/** transformers' AlbertConfig (configuration_albert.py). */
const fields: Fields = {
  ...bertFields,
  vocab_size: read(30000),
  embedding_size: read(128),
  hidden_size: read(4096),
  num_attention_heads: read(64),
  intermediate_size: read(16384),
  num_hidden_groups: read(1),
  // A group of more than one layer: no published model has any.
  inner_group_num: only(1),
  hidden_act: read('gelu_new'),
  hidden_dropout_prob: read(0),
  attention_probs_dropout_prob: read(0),
  classifier_dropout_prob: read(0.1),
  type_vocab_size: read(2),
  // Google's files have them; the class reads neither.
  net_structure_type: none,
  gap_size: none,
  num_memory_blocks: none,
  down_scale_factor: none,
};

const table = 'albert.embeddings.word_embeddings';
const projection = 'albert.encoder.embedding_hidden_mapping_in';
const names: PostNormNames = {
  layer: (group) => `albert.encoder.albert_layer_groups.${group}.albert_layers.0`,
  attention: 'attention',
  query: 'attention.query',
  key: 'attention.key',
  value: 'attention.value',
  output: 'attention.dense',
  outputNorm: 'attention.LayerNorm',
  up: 'ffn',
  down: 'ffn_output',
  downNorm: 'full_layer_layer_norm',
};

const embeddings = (s: Settings): Embeddings => ({
  ...{ name: 'albert.embeddings', size: s.embeddingSize, dropout: s.hiddenDropout },
  ...{ vocabulary: s.vocabulary, positions: s.positions, tokenTypes: s.tokenTypes, epsilon: s.epsilon },
  ...{ padding: s.padding },
});

/** ALBERT (Lan et al. 2020): BERT with narrow tables, and layers that share their weights. What is counted as a layer is a group of them. */
export const albert: Family<Settings> = {
  classes: { albert: encoderClasses('Albert') },
  fields: { albert: fields },
  body: 'albert.',
  layerOf: /^albert\.encoder\.albert_layer_groups\.(\d+)\./,
  width: (s) => s.hidden,
  keyWidth: () => undefined,
  layers: (s) => s.groups,
  tied: {
    table: `${table}.weight`,
    head: 'predictions.decoder.weight',
    bias: { own: 'predictions.bias', decoder: 'predictions.decoder.bias' },
  },

  settings(config) {
    const read = new ConfigReader(config, fields);
    const bert = readBert(read);
    const groups = read.positiveInteger('num_hidden_groups');
    if (groups > bert.layers)
      read.report('num_hidden_groups', 'is more than num_hidden_layers', groups, `1 to ${bert.layers}`);
    return read.result({
      ...bert,
      groups,
      tokenTypes: read.positiveInteger('type_vocab_size'),
      embeddingSize: read.positiveInteger('embedding_size'),
      classifierDropout: read.rate('classifier_dropout_prob'),
    });
  },

  canonicalName: (name) =>
    isBuffer(name) ? undefined : withoutGamma(name).replace(/^(embeddings|encoder|pooler)\./, 'albert.$1.'),

  maxPositions: (s) => s.positions,
  vocabulary: (s) => s.vocabulary,
  // PEFT has no default for it: the queries and values that it takes of BERT.
  defaultTargets: {
    updated: ['query', 'value'],
    scaled: ['key', 'value', 'ffn_output'],
    feedforward: ['ffn_output'],
  },

  modules: (s) => [
    ...embeddingModules(embeddings(s)),
    linear(projection, s.hidden, s.embeddingSize, { bias: true }),
    ...postNormModules({ ...s, layers: s.groups }, names),
  ],

  heads: {
    'sequence-classification': {
      modules: ({ hidden }, labels) => [
        linear('albert.pooler', hidden, hidden, { bias: true, head: 'shared' }),
        linear('classifier', labels, hidden, { bias: true, head: 'per-class' }),
      ],
      forward: (build, s, first) => {
        const pooled = build.activation('tanh', build.linear('albert.pooler', first));
        return build.linear('classifier', build.dropout('classifier', pooled, s.classifierDropout));
      },
    },
    'token-classification': tokenClassifier((s) => s.classifierDropout),
    'question-answering': spanOfTokens(),
    'masked-lm': maskedLm((s) => ({
      dense: 'predictions.dense',
      norm: 'predictions.LayerNorm',
      decoder: 'predictions.decoder',
      bias: 'predictions.bias',
      table: s.tied ? table : undefined,
      ...{ activation: s.activation, hidden: s.hidden, size: s.embeddingSize },
      ...{ vocabulary: s.vocabulary, epsilon: s.epsilon },
    })),
    embedding: meanPooled,
  },

  forward: (build, s, head) =>
    postNorm(build, s, names, build.linear(projection, embed(build, embeddings(s))), {
      firstOnly: head === 'sequence-classification',
      // What the mlp adds is not dropped.
      mlpDropout: 0,
      // As transformers counts (AlbertTransformer): groups need not be of one size.
      sharedLayer: (layer) => Math.floor(layer / (s.layers / s.groups)),
    }),
};
