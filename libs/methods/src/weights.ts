import type { Graph, Initializer, Node } from '@temper/graph';

/** A module of PyTorch's nn.Linear in a graph: `node` multiplies by `weight` [out, in], transposed. */
export interface Linear {
  /** e.g. `model.layers.0.self_attn.q_proj` */
  readonly module: string;
  readonly node: Node;
  readonly inputs: number;
  readonly outputs: number;
}

/** Weights of the model, as against constants (masks, rotary tables), by PyTorch's naming of parameters. */
export const isWeight = ({ value }: Initializer): boolean =>
  value.dtype === 'float32' && /\.(weight|bias)$/.test(value.name);

/** The linear modules, in the order of the graph. A weight that is an embedding too (tied) is none of them. */
export function linearModules(graph: Graph): Linear[] {
  const embeddings = new Set(graph.nodes.filter((n) => n.op === 'Gather').map((n) => n.inputs[0]));
  return graph.nodes.flatMap((node) => {
    const weight = node.inputs[1];
    if (node.op !== 'FusedMatMul' || !weight || !graph.initializers.has(weight.name)) return [];
    if (!weight.name.endsWith('.weight') || embeddings.has(weight)) return [];
    const [outputs, inputs] = weight.shape as [number, number];
    return [{ module: weight.name.slice(0, -'.weight'.length), node, inputs, outputs }];
  });
}

/** Weights that a node reads. */
export function usedWeights(graph: Graph): Initializer[] {
  const used = new Set(graph.nodes.flatMap((node) => node.inputs));
  return [...graph.initializers.values()].filter((i) => isWeight(i) && used.has(i.value));
}

/** The values of weights that the graph itself holds; the others are in the model's files. */
export function inlineValues(graph: Graph, names: readonly string[]): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const name of names) {
    const data = graph.initializers.get(name)!.data;
    if (data.kind === 'inline') values.set(name, data.data as Float32Array);
  }
  return values;
}
