import type { Value } from '@temper/graph';
import type { Attention } from '../../attention/strategy.js';
import type { ActivationName } from '../../build/activations.js';
import type { Build } from '../../build/build.js';
import { firstRows } from '../../build/inputs.js';
import { layerNorm, layersOf, linear, type Module } from '../../build/module.js';

/** Layers that normalise what they have added: norm(x + attention(x)), then norm(x + mlp(x)). */
export interface PostNorm {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly epsilon: number;
  readonly activation: ActivationName;
  /** Rates of dropout: of what is added, and of the attention weights. */
  readonly hiddenDropout: number;
  readonly attentionDropout: number;
}

/** Names of a layer's modules behind the layer's own. */
export interface PostNormNames {
  /** What the names of a layer's modules begin with. */
  layer(layer: number): string;
  /** Where the dropout of the attention weights is. */
  readonly attention: string;
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly output: string;
  readonly outputNorm: string;
  readonly up: string;
  readonly down: string;
  readonly downNorm: string;
}

/** BERT's names, and those of its kin. */
export const bertLayerNames = (body: string): PostNormNames => ({
  layer: (layer) => `${body}encoder.layer.${layer}`,
  attention: 'attention.self',
  query: 'attention.self.query',
  key: 'attention.self.key',
  value: 'attention.self.value',
  output: 'attention.output.dense',
  outputNorm: 'attention.output.LayerNorm',
  up: 'intermediate.dense',
  down: 'output.dense',
  downNorm: 'output.LayerNorm',
});

export const postNormModules = (s: PostNorm, n: PostNormNames): Module[] =>
  layersOf(s.layers, (layer) => {
    const name = (part: string) => `${n.layer(layer)}.${part}`;
    const bias = { bias: true };
    return [
      ...[n.query, n.key, n.value, n.output].map((part) => linear(name(part), s.hidden, s.hidden, bias)),
      layerNorm(name(n.outputNorm), s.hidden, s.epsilon),
      linear(name(n.up), s.intermediate, s.hidden, bias),
      linear(name(n.down), s.hidden, s.intermediate, bias),
      layerNorm(name(n.downNorm), s.hidden, s.epsilon),
    ];
  });

export interface PostNormOptions {
  /** The head reads the first token of each example alone: of the last layer, nothing else is computed. */
  readonly firstOnly: boolean;
  /** What a layer's attention has beside the usual. */
  readonly attention?: (layer: number) => Pick<Attention, 'scoreBias' | 'scale'>;
  /** Rates for what attention adds, and the mlp; default: hiddenDropout. */
  readonly outputDropout?: number;
  readonly mlpDropout?: number;
  /** The layer whose modules a layer computes with, where several share theirs; default: its own. */
  readonly sharedLayer?: (layer: number) => number;
}

/** All layers: [tokens, hidden] → [tokens, hidden], or [B, hidden] with `firstOnly`. */
export function postNorm(
  build: Build,
  s: PostNorm,
  names: PostNormNames,
  embedded: Value,
  options: PostNormOptions,
): Value {
  let x = embedded;
  for (let pass = 0; pass < s.layers; pass++) {
    const first = options.firstOnly && pass === s.layers - 1;
    const asking = first ? firstRows(build.g, build.inputs, x) : x;
    const layer = options.sharedLayer?.(pass) ?? pass;
    x = encoderLayer(build, s, names, { ...options, layer, x, asking });
  }
  return x;
}

interface LayerInput extends PostNormOptions {
  readonly layer: number;
  /** What is attended to: [tokens, hidden]. */
  readonly x: Value;
  /** What attends: x itself, or one row an example [B, hidden]. */
  readonly asking: Value;
}

function encoderLayer(build: Build, s: PostNorm, n: PostNormNames, at: LayerInput): Value {
  const { layer, x, asking } = at;
  const name = (part: string) => `${n.layer(layer)}.${part}`;
  const added = (module: string, from: Value, rate: number) =>
    build.dropout(name(module).replace(/\.dense$/, ''), build.linear(name(module), from), rate);
  const attended = build.attend({
    layer,
    place: name(n.attention),
    q: build.linear(name(n.query), asking),
    k: build.linear(name(n.key), x),
    v: build.linear(name(n.value), x),
    heads: s.heads,
    kvHeads: s.heads,
    headSize: s.hidden / s.heads,
    causal: false,
    dropout: s.attentionDropout,
    firstOnly: asking !== x,
    ...at.attention?.(layer),
  });
  const output = added(n.output, attended, at.outputDropout ?? s.hiddenDropout);
  const middle = build.residual(layer, 'attention', asking, output, { sumNorm: name(n.outputNorm) });
  const wide = build.activation(s.activation, build.linear(name(n.up), middle));
  const mlp = added(n.down, wide, at.mlpDropout ?? s.hiddenDropout);
  return build.residual(layer, 'mlp', middle, mlp, { sumNorm: name(n.downNorm) });
}
