import type { MethodSpec } from './schema/index.js';
import type { Method } from './method.js';
import { inlineValues, usedWeights } from './weights.js';

/** Full fine-tuning: the graph as it is, every weight that takes part is trained. */
export const full: Method<Extract<MethodSpec, { type: 'full' }>> = (graph) => {
  const trainable = usedWeights(graph).map(({ value }) => value.name);
  return { graph, trainable, initial: inlineValues(graph, trainable), randomInputs: [] };
};
