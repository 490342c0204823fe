import { linear } from '../build/module.js';
import { ConfigReader } from './config-reader.js';
import type { Family } from './family.js';
import { read, type Fields } from './fields.js';
import { bertFields, classifierDropout, readBert, type BertSettings } from './parts/bert-config.js';
import { embed, embeddingModules, type Embeddings } from './parts/embeddings.js';
import { maskedLm, meanPooled, spanOfTokens, tokenClassifier } from './parts/heads.js';
import { encoderClasses, isBuffer, withoutGamma } from './parts/names.js';
import { bertLayerNames, postNorm, postNormModules } from './parts/post-norm.js';

export interface Settings extends BertSettings {
  readonly tokenTypes: number;
  readonly classifierDropout: number;
}

/** transformers' BertConfig (configuration_bert.py), and what older BERTs say. */
const fields: Fields = {
  ...bertFields,
  type_vocab_size: read(2),
  // Null: as hidden_dropout_prob.
  classifier_dropout: read(null),
};

const table = 'bert.embeddings.word_embeddings';
const names = bertLayerNames('bert.');

const embeddings = (s: Settings): Embeddings => ({
  ...{ name: 'bert.embeddings', size: s.hidden, dropout: s.hiddenDropout },
  ...{ vocabulary: s.vocabulary, positions: s.positions, tokenTypes: s.tokenTypes, epsilon: s.epsilon },
  ...{ padding: s.padding },
});

/** BERT and its smaller kin (MiniLM), from a task model's own files or a bare BertModel's. */
export const bert: Family<Settings> = {
  classes: { bert: encoderClasses('Bert') },
  fields: { bert: fields },
  body: 'bert.',
  layerOf: /^bert\.encoder\.layer\.(\d+)\./,
  width: (s) => s.hidden,
  keyWidth: () => undefined,
  layers: (s) => s.layers,
  tied: {
    table: `${table}.weight`,
    head: 'cls.predictions.decoder.weight',
    bias: { own: 'cls.predictions.bias', decoder: 'cls.predictions.decoder.bias' },
  },

  settings(config) {
    const read = new ConfigReader(config, fields);
    return read.result({
      ...readBert(read),
      tokenTypes: read.positiveInteger('type_vocab_size'),
      classifierDropout: classifierDropout(read),
    });
  },

  canonicalName(name) {
    if (isBuffer(name)) return undefined;
    const modern = withoutGamma(name);
    return /^(embeddings|encoder|pooler)\./.test(modern) ? `bert.${modern}` : modern;
  },

  maxPositions: (s) => s.positions,
  vocabulary: (s) => s.vocabulary,
  defaultTargets: {
    updated: ['query', 'value'],
    scaled: ['key', 'value', 'output.dense'],
    feedforward: ['output.dense'],
  },

  modules: (s) => [...embeddingModules(embeddings(s)), ...postNormModules(s, names)],

  heads: {
    'sequence-classification': {
      modules: ({ hidden }, labels) => [
        linear('bert.pooler.dense', hidden, hidden, { bias: true, head: 'shared' }),
        linear('classifier', labels, hidden, { bias: true, head: 'per-class' }),
      ],
      // Of the first token ([CLS]).
      forward: (build, s, first) => {
        const pooled = build.activation('tanh', build.linear('bert.pooler.dense', first));
        return build.linear('classifier', build.dropout('classifier', pooled, s.classifierDropout));
      },
    },
    'token-classification': tokenClassifier((s) => s.classifierDropout),
    'question-answering': spanOfTokens(),
    'masked-lm': maskedLm((s) => ({
      dense: 'cls.predictions.transform.dense',
      norm: 'cls.predictions.transform.LayerNorm',
      decoder: 'cls.predictions.decoder',
      bias: 'cls.predictions.bias',
      table: s.tied ? table : undefined,
      ...{ activation: s.activation, hidden: s.hidden, size: s.hidden },
      ...{ vocabulary: s.vocabulary, epsilon: s.epsilon },
    })),
    embedding: meanPooled,
  },

  forward: (build, s, head) =>
    postNorm(build, s, names, embed(build, embeddings(s)), { firstOnly: head === 'sequence-classification' }),
};
