import { linear } from '../build/module.js';
import { ConfigReader } from './config-reader.js';
import type { Family } from './family.js';
import { none, read, type Fields } from './fields.js';
import { bertFields, classifierDropout, readBert, type BertSettings } from './parts/bert-config.js';
import { embed, embeddingModules, type Embeddings } from './parts/embeddings.js';
import { denseClassifier, maskedLm, meanPooled, spanOfTokens, tokenClassifier } from './parts/heads.js';
import { encoderClasses, isBuffer, withoutGamma } from './parts/names.js';
import { bertLayerNames, postNorm, postNormModules } from './parts/post-norm.js';

export interface Settings extends BertSettings {
  readonly tokenTypes: number;
  /** Elements of the rows of the tables, projected to `hidden` where that is another number. */
  readonly embeddingSize: number;
  readonly classifierDropout: number;
}

/** transformers' ElectraConfig (configuration_electra.py). */
const fields: Fields = {
  ...bertFields,
  embedding_size: read(128),
  hidden_size: read(256),
  num_attention_heads: read(4),
  intermediate_size: read(1024),
  type_vocab_size: read(2),
  // Null: as hidden_dropout_prob.
  classifier_dropout: read(null),
  // Of the multiple choice head.
  summary_type: none,
  summary_use_proj: none,
  summary_activation: none,
  summary_last_dropout: none,
};

const table = 'electra.embeddings.word_embeddings';
const projection = 'electra.embeddings_project';
const names = bertLayerNames('electra.');

const embeddings = (s: Settings): Embeddings => ({
  ...{ name: 'electra.embeddings', size: s.embeddingSize, dropout: s.hiddenDropout },
  ...{ vocabulary: s.vocabulary, positions: s.positions, tokenTypes: s.tokenTypes, epsilon: s.epsilon },
  ...{ padding: s.padding },
});

/** ELECTRA, its discriminators and its generators: BERT with tables of another width. */
export const electra: Family<Settings> = {
  classes: { electra: encoderClasses('Electra') },
  fields: { electra: fields },
  body: 'electra.',
  layerOf: /^electra\.encoder\.layer\.(\d+)\./,
  width: (s) => s.hidden,
  keyWidth: () => undefined,
  layers: (s) => s.layers,
  tied: { table: `${table}.weight`, head: 'generator_lm_head.weight' },

  settings(config) {
    const read = new ConfigReader(config, fields);
    return read.result({
      ...readBert(read),
      tokenTypes: read.positiveInteger('type_vocab_size'),
      embeddingSize: read.positiveInteger('embedding_size'),
      classifierDropout: classifierDropout(read),
    });
  },

  canonicalName: (name) =>
    isBuffer(name)
      ? undefined
      : withoutGamma(name).replace(/^(embeddings|embeddings_project|encoder)\./, 'electra.$1.'),

  maxPositions: (s) => s.positions,
  vocabulary: (s) => s.vocabulary,
  defaultTargets: {
    updated: ['query', 'value'],
    scaled: ['key', 'value', 'output.dense'],
    feedforward: ['output.dense'],
  },

  modules: (s) => [
    ...embeddingModules(embeddings(s)),
    ...(s.embeddingSize === s.hidden ? [] : [linear(projection, s.hidden, s.embeddingSize, { bias: true })]),
    ...postNormModules(s, names),
  ],

  heads: {
    'sequence-classification': denseClassifier('gelu', (s) => s.classifierDropout),
    'token-classification': tokenClassifier((s) => s.classifierDropout),
    'question-answering': spanOfTokens(),
    'masked-lm': maskedLm((s) => ({
      dense: 'generator_predictions.dense',
      norm: 'generator_predictions.LayerNorm',
      decoder: 'generator_lm_head',
      table: s.tied ? table : undefined,
      ...{ activation: 'gelu', hidden: s.hidden, size: s.embeddingSize },
      ...{ vocabulary: s.vocabulary, epsilon: s.epsilon },
    })),
    embedding: meanPooled,
  },

  forward(build, s, head) {
    const rows = embed(build, embeddings(s));
    const x = s.embeddingSize === s.hidden ? rows : build.linear(projection, rows);
    return postNorm(build, s, names, x, { firstOnly: head === 'sequence-classification' });
  },
};
