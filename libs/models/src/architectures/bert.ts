import type { Value } from '@temper/graph';
import { someActivations } from '../build/activations.js';
import type { Build } from '../build/build.js';
import { padded, positionIds, tokenRows } from '../build/inputs.js';
import { embedding, layerNorm, layersOf, linear, type Module } from '../build/module.js';
import { ConfigReader } from './config-reader.js';
import type { Family } from './family.js';
import { none, only, read, type Fields } from './fields.js';

interface BertSettings {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly vocabulary: number;
  readonly positions: number;
  readonly tokenTypes: number;
  readonly epsilon: number;
  readonly activation: keyof typeof bertActivations;
  /** Rates of dropout. */
  readonly hiddenDropout: number;
  readonly attentionDropout: number;
  readonly classifierDropout: number;
}

const bertActivations = someActivations(
  ...([
    'gelu',
    'gelu_python',
    'gelu_new',
    'gelu_fast',
    'gelu_pytorch_tanh',
    'gelu_python_tanh',
    'relu',
  ] as const),
);

/** transformers' BertConfig (configuration_bert.py), and what older BERTs say. */
const fields: Fields = {
  vocab_size: read(30522),
  hidden_size: read(768),
  num_hidden_layers: read(12),
  num_attention_heads: read(12),
  intermediate_size: read(3072),
  hidden_act: read('gelu'),
  hidden_dropout_prob: read(0.1),
  attention_probs_dropout_prob: read(0.1),
  max_position_embeddings: read(512),
  type_vocab_size: read(2),
  layer_norm_eps: read(1e-12),
  // Null: as hidden_dropout_prob.
  classifier_dropout: read(null),
  is_decoder: only(false),
  add_cross_attention: only(false),
  // Of the masked language model's head, which classification has not.
  tie_word_embeddings: none,
  // Up to transformers 4; the other kinds add terms to the scores.
  position_embedding_type: only('absolute'),
};

/** BERT and its smaller kin (MiniLM): BertForSequenceClassification, from its own files or a bare BertModel's. */
export const bert: Family<BertSettings> = {
  classes: { bert: { 'sequence-classification': 'BertForSequenceClassification' } },
  fields: { bert: fields },
  body: 'bert.',
  layerOf: /^bert\.encoder\.layer\.(\d+)\./,
  layers: (s) => s.layers,

  settings(config) {
    const read = new ConfigReader(config, fields);
    const hidden = read.positiveInteger('hidden_size');
    const heads = read.positiveInteger('num_attention_heads');
    if (hidden % heads)
      read.report('num_attention_heads', 'must divide hidden_size', heads, `a divisor of ${hidden}`);
    return read.result({
      hidden,
      heads,
      layers: read.positiveInteger('num_hidden_layers'),
      intermediate: read.positiveInteger('intermediate_size'),
      vocabulary: read.positiveInteger('vocab_size'),
      positions: read.positiveInteger('max_position_embeddings'),
      tokenTypes: read.positiveInteger('type_vocab_size'),
      epsilon: read.positiveNumber('layer_norm_eps'),
      activation: read.choice('hidden_act', bertActivations),
      hiddenDropout: read.rate('hidden_dropout_prob'),
      attentionDropout: read.rate('attention_probs_dropout_prob'),
      classifierDropout: read.rate(
        read.isNull('classifier_dropout') ? 'hidden_dropout_prob' : 'classifier_dropout',
      ),
    });
  },

  canonicalName(name) {
    if (name.endsWith('position_ids') || name.startsWith('cls.')) return undefined;
    // TensorFlow's names of a normalisation's weight and bias are found in old checkpoints.
    const modern = name.replace(/\.gamma$/, '.weight').replace(/\.beta$/, '.bias');
    return /^(embeddings|encoder|pooler)\./.test(modern) ? `bert.${modern}` : modern;
  },

  maxPositions: (s) => s.positions,
  vocabulary: (s) => s.vocabulary,
  defaultTargets: { lora: ['query', 'value'] },

  modules: (s) => [
    embedding('bert.embeddings.word_embeddings', s.vocabulary, s.hidden),
    embedding('bert.embeddings.position_embeddings', s.positions, s.hidden),
    embedding('bert.embeddings.token_type_embeddings', s.tokenTypes, s.hidden),
    layerNorm('bert.embeddings.LayerNorm', s.hidden, s.epsilon),
    ...layersOf(s.layers, (layer) => layerModules(s, `bert.encoder.layer.${layer}`)),
  ],

  heads: {
    'sequence-classification': {
      modules: ({ hidden }, labels) => [
        linear('bert.pooler.dense', hidden, hidden, { bias: true, head: 'shared' }),
        linear('classifier', labels, hidden, { bias: true, head: 'per-class' }),
      ],
      forward: (build, s, first) => {
        const pooled = build.activation('tanh', build.linear('bert.pooler.dense', first));
        return build.linear('classifier', build.dropout('classifier', pooled, s.classifierDropout));
      },
    },
  },

  forward(build, s) {
    const { g } = build;
    let x = embed(build, s); // [tokens, hidden]
    for (let layer = 0; layer < s.layers - 1; layer++) x = encoderLayer(build, s, { layer, x, asking: x });
    // Of the last layer the head reads the first token of each example alone ([CLS]): [B, hidden].
    const asking = g.op('Gather', [padded(g, build.inputs, x), g.scalar('int64', 0)], { axis: 1 });
    return encoderLayer(build, s, { layer: s.layers - 1, x, asking });
  },
};

/** Words + token type 0 + positions, normalised: [tokens, hidden]. */
function embed(build: Build, s: BertSettings): Value {
  const { g, inputs } = build;
  const table = (name: string) => `bert.embeddings.${name}_embeddings`;
  const words = build.embedding(table('word'), tokenRows(g, inputs, inputs.inputIds));
  const type = build.embedding(table('token_type'), g.scalar('int64', 0));
  const where = build.embedding(table('position'), positionIds(g, inputs));
  const sum = g.op('Add', [g.op('Add', [words, type]), where]);
  return build.dropout('bert.embeddings', build.norm('bert.embeddings.LayerNorm', sum), s.hiddenDropout);
}

interface LayerInput {
  readonly layer: number;
  /** What is attended to: [tokens, hidden]. */
  readonly x: Value;
  /** What attends: x itself, or one row an example [B, hidden]. */
  readonly asking: Value;
}

function encoderLayer(build: Build, s: BertSettings, { layer, x, asking }: LayerInput): Value {
  const name = `bert.encoder.layer.${layer}`;
  const self = (part: string, from: Value) => build.linear(`${name}.attention.self.${part}`, from);
  const output = (module: string, from: Value) =>
    build.dropout(`${name}.${module}`, build.linear(`${name}.${module}.dense`, from), s.hiddenDropout);
  const attended = build.attend({
    layer,
    place: `${name}.attention.self`,
    q: self('query', asking),
    k: self('key', x),
    v: self('value', x),
    heads: s.heads,
    kvHeads: s.heads,
    headSize: s.hidden / s.heads,
    causal: false,
    dropout: s.attentionDropout,
    firstOnly: asking !== x,
  });
  const residual = build.residual(layer, 'attention', asking, output('attention.output', attended));
  const middle = build.norm(`${name}.attention.output.LayerNorm`, residual);
  const wide = build.activation(s.activation, build.linear(`${name}.intermediate.dense`, middle));
  return build.norm(`${name}.output.LayerNorm`, build.residual(layer, 'mlp', middle, output('output', wide)));
}

const layerModules = (s: BertSettings, name: string): Module[] => [
  ...['query', 'key', 'value'].map((part) =>
    linear(`${name}.attention.self.${part}`, s.hidden, s.hidden, { bias: true }),
  ),
  linear(`${name}.attention.output.dense`, s.hidden, s.hidden, { bias: true }),
  layerNorm(`${name}.attention.output.LayerNorm`, s.hidden, s.epsilon),
  linear(`${name}.intermediate.dense`, s.intermediate, s.hidden, { bias: true }),
  linear(`${name}.output.dense`, s.hidden, s.intermediate, { bias: true }),
  layerNorm(`${name}.output.LayerNorm`, s.hidden, s.epsilon),
];
