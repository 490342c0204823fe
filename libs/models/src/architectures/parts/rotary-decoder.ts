import type { Value } from '@temper/graph';
import type { ActivationName } from '../../build/activations.js';
import type { Build } from '../../build/build.js';
import { tokenRows } from '../../build/inputs.js';
import {
  bareParameter,
  embedding,
  layerNorm,
  layersOf,
  linear,
  rmsNorm,
  type Module,
} from '../../build/module.js';
import type { DefaultTargets, Family } from '../family.js';
import { longestFor, type Rope } from '../rope.js';
import {
  causalLm,
  lastTokenClassifier,
  meanPooled,
  tokenClassifier,
  type DecoderEnd,
} from './decoder-heads.js';
import type { RotarySizes } from './rotary-config.js';

/** What layers can have apart from each other. */
export interface LayerSight {
  /** undefined: tokens have no positions in it. */
  readonly rope: Rope | undefined;
  /** A token sees so many positions back, itself included. */
  readonly window?: number | undefined;
}

/** Llama and its kin: x + attention(norm(x)), then x + mlp(norm(x)), with rotary positions and a gated mlp. */
export interface RotaryDecoder extends RotarySizes {
  readonly activation: ActivationName;
  sight(layer: number): LayerSight;
  /** Biases: of queries, keys and values, of what attention puts out, of the mlp. */
  readonly qkvBias: boolean;
  readonly outputBias: boolean;
  readonly mlpBias: boolean;
  /**
   * Queries and keys are normalised: each head by itself, all by the same weight (`alike`) or each by one of its own (`own`); or all
   * heads of a token as one row (`together`).
   */
  readonly headNorms?: 'alike' | 'own' | 'together' | undefined;
  /** False: what goes into attention and the mlp is not normalised. */
  readonly inputNorms?: false;
  /** What is added is normalised too. */
  readonly outputNorms?: boolean;
  /** Attention and mlp both go from the one norm of the layer's input. */
  readonly parallel?: true;
  /** Norms take the mean away first; they have no bias. Default: `rms`. */
  readonly normForm?: 'layer';
  /** Is added to the weights of norms. */
  readonly unit?: 1;
  /** One module makes queries, keys and values, another both halves of the mlp. */
  readonly fused?: boolean;
  /** Embedded tokens, but not a prompt's rows, are multiplied by it. */
  readonly embeddingScale?: number;
  /** Whatever goes into the first layer is multiplied by it. */
  readonly inputScale?: number;
  /** What is added is multiplied by it. */
  readonly residualScale?: number;
  /** Of the scores; default 1/√headSize. */
  readonly scale?: number;
  readonly scoreSoftcap?: number | undefined;
  readonly logitSoftcap?: number | undefined;
  /** Rates of dropout: of embedded tokens, of what is added. */
  readonly embeddingDropout?: number;
  readonly residualDropout?: number;
}

const TABLE = 'model.embed_tokens';
const layerName = (layer: number) => `model.layers.${layer}`;

const end: DecoderEnd<RotaryDecoder> = {
  finish: (build, _, rows) => build.norm('model.norm', rows),
  width: (s) => s.hidden,
  vocabulary: (s) => s.vocabulary,
  table: (s) => (s.tied ? TABLE : undefined),
  softcap: (s) => s.logitSoftcap,
};

/** What PEFT takes of a Llama. */
export const llamaTargets: DefaultTargets = {
  updated: ['q_proj', 'v_proj'],
  scaled: ['k_proj', 'v_proj', 'down_proj'],
  feedforward: ['down_proj'],
};

/** What all families of such decoders have in common. */
export const rotaryDecoder = {
  body: 'model.',
  layerOf: /^model\.layers\.(\d+)\./,
  layers: (s) => s.layers,
  width: (s) => s.hidden,
  keyWidth: (s) => s.kvHeads * s.headSize,
  tied: { table: `${TABLE}.weight`, head: 'lm_head.weight' },
  canonicalName(name) {
    // Tables that follow from the settings: inv_freq, cos_cached, sin_cached.
    if (/(^|\.)rotary_emb\.\w+$/.test(name)) return undefined;
    return /^(embed_tokens|layers|norm)\./.test(name) ? `model.${name}` : name;
  },
  maxPositions: (s) => {
    const { rope } = s.sight(0);
    return rope ? longestFor(rope, s.positions) : s.positions;
  },
  vocabulary: (s) => s.vocabulary,
  modules: (s) => [
    embedding(TABLE, s.vocabulary, s.hidden, { scale: s.embeddingScale, padding: s.padding }),
    ...layersOf(s.layers, (layer) => layerModules(s, layerName(layer))),
    normModule(s, 'model.norm', s.hidden),
  ],
  heads: {
    'causal-lm': causalLm(end),
    'sequence-classification': lastTokenClassifier(end),
    'token-classification': tokenClassifier(end, 'score', (s) => s.classifierDropout),
    embedding: meanPooled(end),
  },
  forward(build, s) {
    const { g, inputs } = build;
    const rows = build.embedding(TABLE, tokenRows(g, inputs, inputs.inputIds)); // [tokens, hidden]
    const scaled = s.inputScale === undefined ? rows : times(build, rows, s.inputScale);
    let x = dropped(build, TABLE, scaled, s.embeddingDropout);
    for (let layer = 0; layer < s.layers; layer++) x = decoderLayer(build, s, layer, x);
    return x;
  },
} satisfies Omit<Family<RotaryDecoder>, 'classes' | 'fields' | 'settings' | 'defaultTargets'>;

function decoderLayer(build: Build, s: RotaryDecoder, layer: number, x: Value): Value {
  const name = layerName(layer);
  const normal = (norm: string, before: Value) =>
    s.inputNorms === false ? before : build.norm(`${name}.${norm}`, before);
  const added = (part: 'attention' | 'mlp', before: Value, norm: string, output: Value) => {
    const scaled = s.residualScale === undefined ? output : times(build, output, s.residualScale);
    const y = dropped(build, `${name}.${part}`, scaled, s.residualDropout);
    const partNorm = s.outputNorms ? `${name}.${norm}` : undefined;
    return build.residual(layer, part, before, y, { partNorm, parallel: part === 'mlp' && s.parallel });
  };
  const first = normal('input_layernorm', x);
  const middle = added('attention', x, 'post_attention_layernorm', attention(build, s, layer, first));
  const second = s.parallel ? first : normal(mlpNorm(s), middle);
  return added('mlp', middle, 'post_feedforward_layernorm', gated(build, s, `${name}.mlp`, second));
}

const times = ({ g }: Build, x: Value, factor: number) => g.op('Mul', [x, g.scalar('float32', factor)]);

/** Most of these families have no dropout here, at whatever rate. */
const dropped = (build: Build, place: string, x: Value, rate: number | undefined) =>
  rate === undefined ? x : build.dropout(place, x, rate);

/** The norm before the mlp is called after what stands before it, where nothing else is. */
const mlpNorm = (s: RotaryDecoder) =>
  s.outputNorms ? 'pre_feedforward_layernorm' : 'post_attention_layernorm';

function attention(build: Build, s: RotaryDecoder, layer: number, x: Value): Value {
  const name = `${layerName(layer)}.self_attn`;
  const { q, k, v } = projected(build, s, name, x);
  const { rope, window } = s.sight(layer);
  const attended = build.attend({
    layer,
    place: name,
    q: normalHeads(build, s, `${name}.q_norm`, q, s.heads),
    k: normalHeads(build, s, `${name}.k_norm`, k, s.kvHeads),
    v,
    heads: s.heads,
    kvHeads: s.kvHeads,
    headSize: s.headSize,
    causal: true,
    window,
    rotary: rope,
    scale: s.scale,
    softcap: s.scoreSoftcap,
    dropout: s.attentionDropout,
  });
  return build.linear(`${name}.o_proj`, attended);
}

function projected(build: Build, s: RotaryDecoder, name: string, x: Value) {
  if (!s.fused) {
    const project = (part: string) => build.linear(`${name}.${part}_proj`, x);
    return { q: project('q'), k: project('k'), v: project('v') };
  }
  const [queries, keys] = [s.heads * s.headSize, s.kvHeads * s.headSize];
  const all = build.linear(`${name}.qkv_proj`, x);
  const [q, k, v] = build.g.ops('Split', [all, build.g.int64s(queries, keys, keys)], { axis: 1 }, 3);
  return { q: q!, k: k!, v: v! };
}

/** Queries or keys [tokens, heads·size], as `headNorms` says. */
function normalHeads(build: Build, s: RotaryDecoder, name: string, x: Value, heads: number): Value {
  const { g } = build;
  if (!s.headNorms) return x;
  if (s.headNorms === 'together') return build.norm(name, x);
  const normal = build.norm(name, g.op('Reshape', [x, g.int64s(0, heads, s.headSize)]));
  const weighed = s.headNorms === 'own' ? g.op('Mul', [normal, build.weight(`${name}.weight`)]) : normal;
  return g.op('Reshape', [weighed, g.int64s(0, heads * s.headSize)]);
}

/** The modules of `normalHeads`. */
function headNormModules(s: RotaryDecoder, name: string, heads: number): Module[] {
  if (!s.headNorms) return [];
  if (s.headNorms === 'together') return [normModule(s, name, heads * s.headSize)];
  if (s.headNorms === 'alike') return [normModule(s, name, s.headSize)];
  const weight = bareParameter(`${name}.weight`, [heads, s.headSize], 'norm');
  return [{ ...normModule(s, name, s.headSize), affine: false }, weight];
}

const normModule = ({ normForm, epsilon, unit }: RotaryDecoder, name: string, size: number) =>
  normForm === 'layer' ? layerNorm(name, size, epsilon, { bias: false }) : rmsNorm(name, size, epsilon, unit);

/** down(f(gate(x)) · up(x)) */
function gated(build: Build, s: RotaryDecoder, name: string, x: Value): Value {
  const { g } = build;
  if (s.fused) {
    const both = build.linear(`${name}.gate_up_proj`, x);
    const halves = g.int64s(s.intermediate, s.intermediate);
    const [gate, up] = g.ops('Split', [both, halves], { axis: 1 }, 2);
    return build.linear(`${name}.down_proj`, g.op('Mul', [up!, build.activation(s.activation, gate!)]));
  }
  const gate = build.activation(s.activation, build.linear(`${name}.gate_proj`, x));
  const up = build.linear(`${name}.up_proj`, x);
  return build.linear(`${name}.down_proj`, g.op('Mul', [gate, up]));
}

function layerModules(s: RotaryDecoder, name: string): Module[] {
  const queries = s.heads * s.headSize;
  const keys = s.kvHeads * s.headSize;
  const projection = (part: string, out: number, bias: boolean) =>
    linear(`${name}.self_attn.${part}_proj`, out, s.hidden, { bias });
  const mlp = (part: string, out: number, input: number) =>
    linear(`${name}.mlp.${part}_proj`, out, input, { bias: s.mlpBias });
  const norm = (part: string) => normModule(s, `${name}.${part}`, s.hidden);
  return [
    ...(s.inputNorms === false ? [] : [norm('input_layernorm')]),
    ...(s.fused
      ? [projection('qkv', queries + 2 * keys, s.qkvBias)]
      : [
          projection('q', queries, s.qkvBias),
          projection('k', keys, s.qkvBias),
          projection('v', keys, s.qkvBias),
        ]),
    linear(`${name}.self_attn.o_proj`, s.hidden, queries, { bias: s.outputBias }),
    ...headNormModules(s, `${name}.self_attn.q_norm`, s.heads),
    ...headNormModules(s, `${name}.self_attn.k_norm`, s.kvHeads),
    ...laterNorms(s).map(norm),
    ...(s.fused
      ? [mlp('gate_up', 2 * s.intermediate, s.hidden)]
      : [mlp('gate', s.intermediate, s.hidden), mlp('up', s.intermediate, s.hidden)]),
    mlp('down', s.hidden, s.intermediate),
  ];
}

/** A layer's norms of whole rows behind the first. */
function laterNorms(s: RotaryDecoder): string[] {
  if (s.parallel) return [];
  if (!s.outputNorms) return ['post_attention_layernorm'];
  const between = s.inputNorms === false ? [] : ['pre_feedforward_layernorm'];
  return ['post_attention_layernorm', ...between, 'post_feedforward_layernorm'];
}
