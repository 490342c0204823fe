import { ConfigReader } from './config-reader.js';
import type { Family } from './family.js';
import { read, type Fields } from './fields.js';
import { bertFields, classifierDropout, readBert, type BertSettings } from './parts/bert-config.js';
import { embed, embeddingModules, positionsAfter, type Embeddings } from './parts/embeddings.js';
import {
  denseClassifier,
  meanPooled,
  spanOfTokens,
  tokenClassifier,
  robertaMaskedLm,
} from './parts/heads.js';
import { encoderClasses, isBuffer, withoutGamma } from './parts/names.js';
import { bertLayerNames, postNorm, postNormModules } from './parts/post-norm.js';

export interface Settings extends BertSettings {
  readonly tokenTypes: number;
  /** The padding token, behind which positions are counted. */
  readonly pad: number;
  readonly classifierDropout: number;
}

/** transformers' RobertaConfig (configuration_roberta.py). */
const robertaFields: Fields = {
  ...bertFields,
  vocab_size: read(50265),
  type_vocab_size: read(2),
  pad_token_id: read(1),
  // Null: as hidden_dropout_prob.
  classifier_dropout: read(null),
};

const fields: Readonly<Record<string, Fields>> = {
  roberta: robertaFields,
  // XLMRobertaConfig (configuration_xlm_roberta.py).
  'xlm-roberta': { ...robertaFields, vocab_size: read(30522) },
};

const table = 'roberta.embeddings.word_embeddings';
const names = bertLayerNames('roberta.');

const embeddings = (s: Settings): Embeddings => ({
  ...{ name: 'roberta.embeddings', size: s.hidden, dropout: s.hiddenDropout },
  ...{ vocabulary: s.vocabulary, positions: s.positions, tokenTypes: s.tokenTypes, epsilon: s.epsilon },
  ...{ padding: s.pad, paddingPosition: s.pad },
});

/** RoBERTa and XLM-RoBERTa: BERT with positions that count from the padding token's number, and heads of its own. */
export const roberta: Family<Settings> = {
  classes: { roberta: encoderClasses('Roberta'), 'xlm-roberta': encoderClasses('XLMRoberta') },
  fields,
  body: 'roberta.',
  layerOf: /^roberta\.encoder\.layer\.(\d+)\./,
  width: (s) => s.hidden,
  keyWidth: () => undefined,
  layers: (s) => s.layers,
  tied: {
    table: `${table}.weight`,
    head: 'lm_head.decoder.weight',
    bias: { own: 'lm_head.bias', decoder: 'lm_head.decoder.bias' },
  },

  settings(config) {
    const read = new ConfigReader(config, fields[config.model_type]!);
    const sizes = readBert(read);
    const pad = read.tokenId('pad_token_id', sizes.vocabulary);
    if (sizes.positions <= pad + 1)
      read.report('max_position_embeddings', 'leaves no position behind that of the padding token', pad);
    return read.result({
      ...sizes,
      pad,
      tokenTypes: read.positiveInteger('type_vocab_size'),
      classifierDropout: classifierDropout(read),
    });
  },

  canonicalName(name) {
    const modern = withoutGamma(name).replace(/^(embeddings|encoder|pooler)\./, 'roberta.$1.');
    // None of the heads reads what RobertaModel makes of the first token.
    return isBuffer(name) || modern.startsWith('roberta.pooler.') ? undefined : modern;
  },

  // The first token stands at position pad + 1.
  maxPositions: (s) => s.positions - s.pad - 1,
  vocabulary: (s) => s.vocabulary,
  defaultTargets: {
    updated: ['query', 'value'],
    scaled: ['key', 'value', 'output.dense'],
    feedforward: ['output.dense'],
  },

  modules: (s) => [...embeddingModules(embeddings(s)), ...postNormModules(s, names)],

  heads: {
    'sequence-classification': denseClassifier('tanh', (s) => s.classifierDropout),
    'token-classification': tokenClassifier((s) => s.classifierDropout),
    'question-answering': spanOfTokens(),
    'masked-lm': robertaMaskedLm(table),
    embedding: meanPooled,
  },

  forward(build, s, head) {
    const x = embed(build, embeddings(s), { idsOf: positionsAfter(s.pad) });
    return postNorm(build, s, names, x, { firstOnly: head === 'sequence-classification' });
  },
};
