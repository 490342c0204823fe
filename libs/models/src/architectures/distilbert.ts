import { activations } from '../build/activations.js';
import { linear } from '../build/module.js';
import { ConfigReader } from './config-reader.js';
import type { Family } from './family.js';
import { none, only, read, type Fields } from './fields.js';
import { headsOf, type BertSettings } from './parts/bert-config.js';
import { embed, embeddingModules, type Embeddings } from './parts/embeddings.js';
import { maskedLm, meanPooled, spanOfTokens, tokenClassifier } from './parts/heads.js';
import { encoderClasses, isBuffer, withoutGamma } from './parts/names.js';
import { postNorm, postNormModules, type PostNormNames } from './parts/post-norm.js';

export interface Settings extends BertSettings {
  readonly classifierDropout: number;
  /** Before the head of question answering. */
  readonly spanDropout: number;
}

/** transformers' DistilBertConfig (configuration_distilbert.py). */
const fields: Fields = {
  vocab_size: read(30522),
  max_position_embeddings: read(512),
  // Says how the table of positions was made, which is in the files.
  sinusoidal_pos_embds: none,
  n_layers: read(6),
  n_heads: read(12),
  dim: read(768),
  hidden_dim: read(3072),
  dropout: read(0.1),
  attention_dropout: read(0.1),
  activation: read('gelu'),
  qa_dropout: read(0.1),
  seq_classif_dropout: read(0.2),
  tie_word_embeddings: read(true),
  position_embedding_type: only(null, 'absolute'),
  pad_token_id: read(0),
};

const table = 'distilbert.embeddings.word_embeddings';

const names: PostNormNames = {
  layer: (layer) => `distilbert.transformer.layer.${layer}`,
  attention: 'attention',
  query: 'attention.q_lin',
  key: 'attention.k_lin',
  value: 'attention.v_lin',
  output: 'attention.out_lin',
  outputNorm: 'sa_layer_norm',
  up: 'ffn.lin1',
  down: 'ffn.lin2',
  downNorm: 'output_layer_norm',
};

const embeddings = (s: Settings): Embeddings => ({
  ...{ name: 'distilbert.embeddings', size: s.hidden, dropout: s.hiddenDropout },
  ...{ vocabulary: s.vocabulary, positions: s.positions, tokenTypes: 0, epsilon: s.epsilon },
  ...{ padding: s.padding },
});

/** DistilBERT: BERT's layers by other names, without token types. */
export const distilbert: Family<Settings> = {
  classes: { distilbert: encoderClasses('DistilBert') },
  fields: { distilbert: fields },
  body: 'distilbert.',
  layerOf: /^distilbert\.transformer\.layer\.(\d+)\./,
  width: (s) => s.hidden,
  keyWidth: () => undefined,
  layers: (s) => s.layers,
  tied: { table: `${table}.weight`, head: 'vocab_projector.weight' },

  settings(config) {
    const read = new ConfigReader(config, fields);
    const hidden = read.positiveInteger('dim');
    const vocabulary = read.positiveInteger('vocab_size');
    return read.result({
      ...{ hidden, vocabulary, padding: read.paddingRow(vocabulary) },
      heads: headsOf(read, 'n_heads', 'dim', hidden),
      layers: read.positiveInteger('n_layers'),
      intermediate: read.positiveInteger('hidden_dim'),
      positions: read.positiveInteger('max_position_embeddings'),
      epsilon: 1e-12,
      activation: read.choice('activation', activations),
      hiddenDropout: read.rate('dropout'),
      attentionDropout: read.rate('attention_dropout'),
      classifierDropout: read.rate('seq_classif_dropout'),
      spanDropout: read.rate('qa_dropout'),
      tied: read.flag('tie_word_embeddings'),
    });
  },

  canonicalName: (name) =>
    isBuffer(name) ? undefined : withoutGamma(name).replace(/^(embeddings|transformer)\./, 'distilbert.$1.'),

  maxPositions: (s) => s.positions,
  vocabulary: (s) => s.vocabulary,
  // PEFT has no default for it: the queries and values that it takes of BERT.
  defaultTargets: {
    updated: ['q_lin', 'v_lin'],
    scaled: ['k_lin', 'v_lin', 'lin2'],
    feedforward: ['lin2'],
  },

  modules: (s) => [...embeddingModules(embeddings(s)), ...postNormModules(s, names)],

  heads: {
    'sequence-classification': {
      // PEFT's rule for what it trains whole is the end of a name, so that `classifier` is both.
      modules: ({ hidden }, labels) => [
        linear('pre_classifier', hidden, hidden, { bias: true, head: 'with-classes' }),
        linear('classifier', labels, hidden, { bias: true, head: 'per-class' }),
      ],
      forward: (build, s, first) => {
        const dense = build.activation('relu', build.linear('pre_classifier', first));
        return build.linear('classifier', build.dropout('classifier', dense, s.classifierDropout));
      },
    },
    'token-classification': tokenClassifier((s) => s.hiddenDropout),
    'question-answering': spanOfTokens((s) => s.spanDropout),
    'masked-lm': maskedLm((s) => ({
      dense: 'vocab_transform',
      norm: 'vocab_layer_norm',
      decoder: 'vocab_projector',
      table: s.tied ? table : undefined,
      ...{ activation: s.activation, hidden: s.hidden, size: s.hidden },
      ...{ vocabulary: s.vocabulary, epsilon: s.epsilon },
    })),
    embedding: meanPooled,
  },

  forward(build, s, head) {
    const firstOnly = head === 'sequence-classification';
    // What attention adds is not dropped.
    return postNorm(build, s, names, embed(build, embeddings(s)), { firstOnly, outputDropout: 0 });
  },
};
