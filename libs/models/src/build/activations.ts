import type { GraphBuilder, Value } from '@temper/graph';

type Activation = (g: GraphBuilder, x: Value) => Value;

const gelu: Activation = (g, x) => g.op('Gelu', [x]);
/** x·½(1 + tanh(√(2/π)(x + 0.044715x³))) */
const geluTanh: Activation = (g, x) => g.op('FastGelu', [x]);
/** x·σ(x) */
const silu: Activation = (g, x) => g.op('QuickGelu', [x], { alpha: 1 });

/** By transformers' names (activations.py, ACT2FN). */
export const activations = {
  gelu,
  gelu_python: gelu,
  gelu_new: geluTanh,
  gelu_fast: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  gelu_python_tanh: geluTanh,
  relu: (g, x) => g.op('Relu', [x]),
  silu,
  swish: silu,
  tanh: (g, x) => g.op('Tanh', [x]),
} satisfies Record<string, Activation>;
export type ActivationName = keyof typeof activations;

/** The part of the table that a family has. */
export const someActivations = <N extends ActivationName>(...names: N[]): Readonly<Record<N, true>> =>
  Object.fromEntries(names.map((name) => [name, true])) as Record<N, true>;
