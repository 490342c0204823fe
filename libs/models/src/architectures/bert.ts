import type { Value } from '@temper/graph';
import { ConfigReader } from './config-reader.js';
import type { Family, ForwardContext, Parameter } from './family.js';
import { none, only, read, type Fields } from './fields.js';
import { linear, maskBias, mergeHeads, padded, splitHeads, tokenRows } from './layers.js';

interface BertSettings {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly vocabulary: number;
  readonly positions: number;
  readonly tokenTypes: number;
  readonly epsilon: number;
  readonly activation: keyof typeof activations;
  /** Rates of dropout. */
  readonly hiddenDropout: number;
  readonly attentionDropout: number;
  readonly classifierDropout: number;
}

const activations = {
  gelu: 'Gelu',
  gelu_python: 'Gelu',
  gelu_new: 'FastGelu',
  gelu_fast: 'FastGelu',
  gelu_pytorch_tanh: 'FastGelu',
  gelu_python_tanh: 'FastGelu',
  relu: 'Relu',
} as const;

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
      activation: read.choice('hidden_act', activations),
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

  parameters(s, head) {
    const { hidden } = s;
    return [
      { name: 'bert.embeddings.word_embeddings.weight', shape: [s.vocabulary, hidden], table: true },
      { name: 'bert.embeddings.position_embeddings.weight', shape: [s.positions, hidden], table: true },
      { name: 'bert.embeddings.token_type_embeddings.weight', shape: [s.tokenTypes, hidden], table: true },
      ...normalization('bert.embeddings.LayerNorm', hidden),
      ...Array.from({ length: s.layers }, (_, layer) => layerParameters(s, layer)).flat(),
      ...headLinear('bert.pooler.dense', hidden, hidden),
      ...headLinear('classifier', head.labels, hidden).map((p) => ({ ...p, perClass: true as const })),
    ];
  },

  forward(context, s) {
    const { g } = context;
    const visible = g.op('Cast', [context.attentionMask], { to: 'bool' });
    const bias = maskBias(g, g.op('Unsqueeze', [visible, g.int64s(1, 2)])); // [B, 1, 1, S]
    let x = embed(context, s); // [tokens, hidden]
    for (let layer = 0; layer < s.layers - 1; layer++)
      x = encoderLayer(context, s, `bert.encoder.layer.${layer}`, { x, asking: x, bias });
    // Of the last layer the head reads the first token of each example alone ([CLS]): [B, hidden].
    const asking = g.op('Gather', [padded(context, x), g.scalar('int64', 0)], { axis: 1 });
    const first = encoderLayer(context, s, `bert.encoder.layer.${s.layers - 1}`, { x, asking, bias });
    const pooled = g.op('Tanh', [linear(context, first, 'bert.pooler.dense', true)]);
    const kept = context.dropout('classifier', pooled, s.classifierDropout);
    return linear(context, kept, 'classifier', true);
  },
};

/** Words + token type 0 + positions, normalised: [tokens, hidden]. */
function embed(context: ForwardContext, s: BertSettings): Value {
  const { g, weight, inputIds, places } = context;
  const table = (name: string) => weight(`bert.embeddings.${name}_embeddings.weight`);
  const words = g.op('Gather', [table('word'), tokenRows(context, inputIds)]);
  const type = g.op('Gather', [table('token_type'), g.scalar('int64', 0)]);
  const position = g.op('Gather', [places, g.scalar('int64', 1)], { axis: 1 });
  const where = g.op('Gather', [table('position'), position]);
  const sum = g.op('Add', [g.op('Add', [words, type]), where]);
  const normal = normalize(context, s, 'bert.embeddings.LayerNorm', sum);
  return context.dropout('bert.embeddings', normal, s.hiddenDropout);
}

interface LayerInput {
  /** What is attended to: [tokens, hidden]. */
  readonly x: Value;
  /** What attends and is answered: x itself, or one row an example [B, hidden]. */
  readonly asking: Value;
  /** [B, 1, 1, S] */
  readonly bias: Value;
}

function encoderLayer(
  context: ForwardContext,
  s: BertSettings,
  name: string,
  { x, asking, bias }: LayerInput,
): Value {
  const { g } = context;
  const size = s.hidden / s.heads;
  const everyToken = asking === x;
  const heads = (part: string, from: Value) => {
    const rows = linear(context, from, `${name}.attention.self.${part}`, true);
    const batch = from === x ? padded(context, rows) : g.op('Unsqueeze', [rows, g.int64s(1)]);
    return splitHeads(g, batch, s.heads, size);
  };
  const output = (module: string, from: Value) =>
    context.dropout(
      `${name}.${module}`,
      linear(context, from, `${name}.${module}.dense`, true),
      s.hiddenDropout,
    );
  // softmax(QKᵀ/√d + bias) V
  const alpha = 1 / Math.sqrt(size);
  const scores = g.op('FusedMatMul', [heads('query', asking), heads('key', x)], { transB: 1, alpha });
  const weights = g.op('Softmax', [g.op('Add', [scores, bias])], { axis: -1 });
  const kept = context.dropout(`${name}.attention.self`, weights, s.attentionDropout);
  const merged = mergeHeads(g, g.op('MatMul', [kept, heads('value', x)]));
  const attended = everyToken ? tokenRows(context, merged) : g.op('Squeeze', [merged, g.int64s(1)]);
  const residual = g.op('Add', [output('attention.output', attended), asking]);
  const middle = normalize(context, s, `${name}.attention.output.LayerNorm`, residual);

  const wide = g.op(activations[s.activation], [linear(context, middle, `${name}.intermediate.dense`, true)]);
  const narrow = output('output', wide);
  return normalize(context, s, `${name}.output.LayerNorm`, g.op('Add', [narrow, middle]));
}

const normalize = ({ g, weight }: ForwardContext, s: BertSettings, name: string, x: Value): Value =>
  g.op('LayerNormalization', [x, weight(`${name}.weight`), weight(`${name}.bias`)], {
    axis: -1,
    epsilon: s.epsilon,
  });

function layerParameters(s: BertSettings, layer: number): Parameter[] {
  const name = `bert.encoder.layer.${layer}`;
  return [
    ...['query', 'key', 'value'].flatMap((part) =>
      plainLinear(`${name}.attention.self.${part}`, s.hidden, s.hidden),
    ),
    ...plainLinear(`${name}.attention.output.dense`, s.hidden, s.hidden),
    ...normalization(`${name}.attention.output.LayerNorm`, s.hidden),
    ...plainLinear(`${name}.intermediate.dense`, s.intermediate, s.hidden),
    ...plainLinear(`${name}.output.dense`, s.hidden, s.intermediate),
    ...normalization(`${name}.output.LayerNorm`, s.hidden),
  ];
}

const plainLinear = (name: string, out: number, input: number): Parameter[] => [
  { name: `${name}.weight`, shape: [out, input] },
  { name: `${name}.bias`, shape: [out] },
];
const normalization = (name: string, size: number): Parameter[] => [
  { name: `${name}.weight`, shape: [size] },
  { name: `${name}.bias`, shape: [size] },
];
/** As transformers initialises what a checkpoint lacks (config.initializer_range is 0.02 in every published BERT). */
const headLinear = (name: string, out: number, input: number): Parameter[] => [
  { name: `${name}.weight`, shape: [out, input], initial: { kind: 'normal', deviation: 0.02 } },
  { name: `${name}.bias`, shape: [out], initial: { kind: 'zeros' } },
];
