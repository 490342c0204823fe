import type { Value } from '@temper/graph';
import type { Build } from '../build/build.js';
import { embedding } from '../build/module.js';
import { ConfigReader } from './config-reader.js';
import type { Family } from './family.js';
import { read, type Fields } from './fields.js';
import { bertFields, readBert, type BertSettings } from './parts/bert-config.js';
import { ofDistances, perValue } from './parts/distances.js';
import { embed, embeddingModules, positionsAfter, type Embeddings } from './parts/embeddings.js';
import {
  denseClassifier,
  meanPooled,
  spanOfTokens,
  tokenClassifier,
  robertaMaskedLm,
} from './parts/heads.js';
import { encoderClasses, isBuffer, withoutGamma } from './parts/names.js';
import { bertLayerNames, postNorm, postNormModules, type PostNormNames } from './parts/post-norm.js';

export interface Settings extends BertSettings {
  /** Rows of the table of the relative attention bias. */
  readonly buckets: number;
}

/** transformers' MPNetConfig (configuration_mpnet.py). */
const fields: Fields = {
  ...bertFields,
  vocab_size: read(30527),
  relative_attention_num_buckets: read(32),
  pad_token_id: read(1),
};

/** Whatever config.json says (MPNetEmbeddings). */
const PAD = 1;
/** Of which relative_position_bucket makes use, whatever config.json says. */
const BUCKETS = 32;
const MAX_DISTANCE = 128;

const table = 'mpnet.embeddings.word_embeddings';
const biasTable = 'mpnet.encoder.relative_attention_bias';

const names: PostNormNames = {
  ...bertLayerNames('mpnet.'),
  attention: 'attention.attn',
  query: 'attention.attn.q',
  key: 'attention.attn.k',
  value: 'attention.attn.v',
  output: 'attention.attn.o',
  outputNorm: 'attention.LayerNorm',
};

const embeddings = (s: Settings): Embeddings => ({
  ...{ name: 'mpnet.embeddings', size: s.hidden, dropout: s.hiddenDropout },
  ...{ vocabulary: s.vocabulary, positions: s.positions, tokenTypes: 0, epsilon: s.epsilon },
  ...{ padding: PAD, paddingPosition: PAD },
});

/** MPNet: RoBERTa's positions and heads, and a bias of the scores by the distance of two tokens. */
export const mpnet: Family<Settings> = {
  classes: { mpnet: encoderClasses('MPNet') },
  fields: { mpnet: fields },
  body: 'mpnet.',
  layerOf: /^mpnet\.encoder\.layer\.(\d+)\./,
  width: (s) => s.hidden,
  keyWidth: () => undefined,
  layers: (s) => s.layers,
  tied: {
    table: `${table}.weight`,
    head: 'lm_head.decoder.weight',
    bias: { own: 'lm_head.bias', decoder: 'lm_head.decoder.bias' },
  },

  settings(config) {
    const read = new ConfigReader(config, fields);
    const buckets = read.positiveInteger('relative_attention_num_buckets');
    if (buckets < BUCKETS)
      read.report('relative_attention_num_buckets', 'is too small', buckets, `${BUCKETS} or more`);
    const sizes = readBert(read);
    if (sizes.positions <= PAD + 1)
      read.report(
        'max_position_embeddings',
        'leaves no position behind that of the padding token',
        sizes.positions,
      );
    return read.result({ ...sizes, buckets });
  },

  canonicalName(name) {
    const modern = withoutGamma(name).replace(/^(embeddings|encoder|pooler)\./, 'mpnet.$1.');
    // None of the heads reads what MPNetModel makes of the first token.
    return isBuffer(name) || modern.startsWith('mpnet.pooler.') ? undefined : modern;
  },

  maxPositions: (s) => s.positions - PAD - 1,
  vocabulary: (s) => s.vocabulary,
  // PEFT has no default for it: the queries and values that it takes of BERT.
  defaultTargets: {
    updated: ['q', 'v'],
    scaled: ['attn.k', 'attn.v', 'output.dense'],
    feedforward: ['output.dense'],
  },

  modules: (s) => [
    ...embeddingModules(embeddings(s)),
    ...postNormModules(s, names),
    embedding(biasTable, s.buckets, s.heads, { kind: 'bias' }),
  ],

  heads: {
    'sequence-classification': denseClassifier('tanh', (s) => s.hiddenDropout),
    'token-classification': tokenClassifier((s) => s.hiddenDropout),
    'question-answering': spanOfTokens(),
    'masked-lm': robertaMaskedLm(table),
    embedding: meanPooled,
  },

  forward(build, s, head) {
    const x = embed(build, embeddings(s), { idsOf: positionsAfter(PAD) });
    const bias = perValue((distances) => relativeBias(build, distances));
    return postNorm(build, s, names, x, {
      firstOnly: head === 'sequence-classification',
      attention: () => ({ scoreBias: ({ distances }) => bias(distances) }),
    });
  },
};

/** [heads, Q, K]: of each distance the row of its bucket, which all layers share. */
function relativeBias(build: Build, distances: Value): Value {
  const rows = build.embedding(biasTable, ofDistances(build, distances, relativeBucket));
  return build.g.op('Transpose', [rows], { perm: [2, 0, 1] });
}

/**
 * Half of the buckets for keys before the query (and itself), half for those behind; of each half, half for single distances and the
 * rest for ever longer spans (relative_position_bucket of modeling_mpnet.py, in its float32).
 */
export function relativeBucket(distance: number): number {
  const half = BUCKETS / 2;
  const exact = half / 2;
  const [n, first] = [Math.abs(distance), distance < 0 ? half : 0];
  if (n < exact) return first + n;
  const log = Math.fround(Math.log(Math.fround(n / exact)));
  const share = Math.fround(log / Math.fround(Math.log(MAX_DISTANCE / exact)));
  return first + Math.min(exact + Math.trunc(Math.fround(share * (half - exact))), half - 1);
}
