import type { Value } from '@temper/graph';
import type { Build } from '../build/build.js';
import { firstRows, meanOfTokens, tokenRows } from '../build/inputs.js';
import { equalParts } from '../build/layout.js';
import { embedding, layerNorm, layersOf, linear, type Module } from '../build/module.js';
import type { Family, FamilyHead } from './family.js';
import { meanPooled } from './parts/heads.js';
import { modernBertFields, readModernBert, type ModernBertSettings } from './parts/modernbert-config.js';
import { encoderClasses, isBuffer } from './parts/names.js';

type Settings = ModernBertSettings;

const table = 'model.embeddings.tok_embeddings';

/** The first norm of the first layer is none: the embeddings are normalised. */
const hasFirstNorm = (layer: number) => layer > 0;

/** Of each counted token. */
const ofTokens: FamilyHead<Settings> = {
  modules: (s, labels) => [...predictionModules(s), classifier(s, labels)],
  forward: (build, s, x) => {
    // The sizes of a mask are known for all tokens, not for those that are counted.
    const predicted = build.dropout('classifier', predict(build, s, x), s.classifierDropout);
    return build.linear('classifier', build.headRows(predicted));
  },
};

/** ModernBERT: rotary positions, local and global attention, gated layers that normalise what they read. */
export const modernbert: Family<Settings> = {
  classes: { modernbert: encoderClasses('ModernBert') },
  fields: { modernbert: modernBertFields },
  body: 'model.',
  layerOf: /^model\.layers\.(\d+)\./,
  width: (s) => s.hidden,
  keyWidth: () => undefined,
  layers: (s) => s.layers,
  tied: { table: `${table}.weight`, head: 'decoder.weight' },
  settings: readModernBert,

  canonicalName(name) {
    if (isBuffer(name) || /(^|\.)rotary_emb\.\w+$/.test(name)) return undefined;
    return name.replace(/^(embeddings|layers|final_norm)\./, 'model.$1.');
  },

  maxPositions: (s) => s.positions,
  vocabulary: (s) => s.vocabulary,
  // PEFT has no default for it: queries, keys and values are one product.
  defaultTargets: {
    updated: ['Wqkv'],
    scaled: ['Wqkv', 'mlp.Wo'],
    feedforward: ['mlp.Wo'],
  },

  modules: (s) => [
    embedding(table, s.vocabulary, s.hidden, { padding: s.padding }),
    norm(s, 'model.embeddings.norm'),
    ...layersOf(s.layers, (layer) => layerModules(s, layer)),
    norm(s, 'model.final_norm'),
  ],

  heads: {
    'sequence-classification': {
      modules: (s, labels) => [...predictionModules(s), classifier(s, labels)],
      forward: (build, s, x) => {
        const pooled = s.pooling === 'mean' ? meanOfTokens(build.g, build.inputs, x) : x;
        const predicted = build.dropout('classifier', predict(build, s, pooled), s.classifierDropout);
        return build.linear('classifier', predicted);
      },
    },
    'token-classification': ofTokens,
    'question-answering': ofTokens,
    'masked-lm': {
      modules: (s) => [
        ...predictionModules(s),
        linear('decoder', s.vocabulary, s.hidden, {
          ...{ bias: s.decoderBias, head: 'shared' },
          ...(s.tied ? { tied: table } : {}),
        }),
      ],
      forward: (build, s, x) => build.linear('decoder', predict(build, s, build.headRows(x))),
    },
    embedding: meanPooled,
  },

  forward(build, s, head) {
    const { g, inputs } = build;
    const firstOnly = head === 'sequence-classification' && s.pooling === 'cls';
    const words = build.norm(
      'model.embeddings.norm',
      build.embedding(table, tokenRows(g, inputs, inputs.inputIds)),
    );
    let x = build.dropout('model.embeddings', words, s.embeddingDropout);
    for (let layer = 0; layer < s.layers; layer++)
      x = encoderLayer(build, s, layer, x, firstOnly && layer === s.layers - 1);
    return build.norm('model.final_norm', x);
  },
};

function encoderLayer(build: Build, s: Settings, layer: number, x: Value, firstOnly: boolean): Value {
  const { g } = build;
  const name = `model.layers.${layer}`;
  const normal = hasFirstNorm(layer) ? build.norm(`${name}.attn_norm`, x) : x;
  const [q, k, v] = equalParts(g, build.linear(`${name}.attn.Wqkv`, normal), 3);
  const first = (rows: Value) => (firstOnly ? firstRows(g, build.inputs, rows) : rows);
  const attended = build.attend({
    layer,
    place: `${name}.attn`,
    ...{ q: first(q!), k: k!, v: v! },
    ...{ heads: s.heads, kvHeads: s.heads, headSize: s.hidden / s.heads },
    ...{ causal: false, firstOnly, dropout: s.attentionDropout },
    ...s.layer(layer),
  });
  const output = build.dropout(
    `${name}.attn.Wo`,
    build.linear(`${name}.attn.Wo`, attended),
    s.attentionDropout,
  );
  const middle = build.residual(layer, 'attention', first(x), output);
  return build.residual(layer, 'mlp', middle, gated(build, s, name, middle));
}

/** Wo(drop(f(a) · b)) with [a, b] = Wi(norm(x)) */
function gated(build: Build, s: Settings, name: string, x: Value): Value {
  const wide = build.linear(`${name}.mlp.Wi`, build.norm(`${name}.mlp_norm`, x));
  const [a, gate] = equalParts(build.g, wide, 2);
  const product = build.g.op('Mul', [build.activation(s.activation, a!), gate!]);
  return build.linear(`${name}.mlp.Wo`, build.dropout(`${name}.mlp`, product, s.mlpDropout));
}

/** norm(f(dense(x))), the same for every head. */
const predict = (build: Build, s: Settings, x: Value): Value =>
  build.norm('head.norm', build.activation(s.headActivation, build.linear('head.dense', x)));

const predictionModules = (s: Settings): Module[] => [
  linear('head.dense', s.hidden, s.hidden, { bias: s.headBias, head: 'shared' }),
  layerNorm('head.norm', s.hidden, s.epsilon, { bias: s.normBias, head: 'shared' }),
];

const classifier = (s: Settings, labels: number): Module =>
  linear('classifier', labels, s.hidden, { bias: true, head: 'per-class' });

const norm = (s: Settings, name: string): Module =>
  layerNorm(name, s.hidden, s.epsilon, { bias: s.normBias });

function layerModules(s: Settings, layer: number): Module[] {
  const name = `model.layers.${layer}`;
  const attention = { bias: s.attentionBias };
  const mlp = { bias: s.mlpBias };
  return [
    ...(hasFirstNorm(layer) ? [norm(s, `${name}.attn_norm`)] : []),
    linear(`${name}.attn.Wqkv`, 3 * s.hidden, s.hidden, attention),
    linear(`${name}.attn.Wo`, s.hidden, s.hidden, attention),
    norm(s, `${name}.mlp_norm`),
    linear(`${name}.mlp.Wi`, 2 * s.intermediate, s.hidden, mlp),
    linear(`${name}.mlp.Wo`, s.hidden, s.intermediate, mlp),
  ];
}
