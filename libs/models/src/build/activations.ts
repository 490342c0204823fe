import type { GraphBuilder, Value } from '@temper/graph';

type Activation = (g: GraphBuilder, x: Value) => Value;

const gelu: Activation = (g, x) => g.op('Gelu', [x]);
/** x·½(1 + tanh(√(2/π)(x + 0.044715x³))) */
const geluTanh: Activation = (g, x) => g.op('FastGelu', [x]);
/** x·σ(x) */
const silu: Activation = (g, x) => g.op('QuickGelu', [x], { alpha: 1 });
const relu: Activation = (g, x) => g.op('Relu', [x]);
const square: Activation = (g, x) => g.op('Mul', [x, x]);

/** By transformers' names (activations.py, ACT2FN). */
export const activations = {
  gelu,
  gelu_python: gelu,
  gelu_10: (g, x) => g.op('Clip', [gelu(g, x), g.scalar('float32', -10), g.scalar('float32', 10)]),
  gelu_new: geluTanh,
  gelu_fast: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  gelu_python_tanh: geluTanh,
  gelu_accurate: geluTanh,
  quick_gelu: (g, x) => g.op('QuickGelu', [x], { alpha: 1.702 }),
  relu,
  relu2: (g, x) => square(g, relu(g, x)),
  relu6: (g, x) => g.op('Clip', [x, g.scalar('float32', 0), g.scalar('float32', 6)]),
  leaky_relu: (g, x) => g.op('LeakyRelu', [x], { alpha: 0.01 }),
  sigmoid: (g, x) => g.op('Sigmoid', [x]),
  linear: (_, x) => x,
  silu,
  swish: silu,
  tanh: (g, x) => g.op('Tanh', [x]),
} satisfies Record<string, Activation>;
export type ActivationName = keyof typeof activations;
