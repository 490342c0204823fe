import type { Graph, TypedArray } from './types.js';

/** The graph with these values of its initializers, by their names; the others stay. `values`: of initializers of the graph alone. */
export function withValues(graph: Graph, values: ReadonlyMap<string, TypedArray>): Graph {
  const initializers = new Map(graph.initializers);
  for (const [name, data] of values)
    initializers.set(name, { value: initializers.get(name)!.value, data: { kind: 'inline', data } });
  return { ...graph, initializers };
}
