import type { Digest } from '@temper/contracts';
import { encodeModel, type Graph } from '@temper/graph';
import { digestOf, digestOfBytes } from '@temper/storage';
import { TrainableModel } from '../model.js';
import { ParameterStore } from '../parameters.js';
import type { Session } from '../session.js';

/**
 * What the fine-tuned model is compared with: the base model as it is, or what an adapter to start from makes of it. Its
 * graph is loaded when it is measured, and only then.
 */
export interface BaseSide {
  /** Of its evaluation graph, loss and new head included, and of what is fed to it beside a batch. */
  readonly digest: Digest;
  /** `release` frees the memory of a graph that nothing else uses. */
  open(): Promise<{ readonly model: TrainableModel; release(): Promise<void> }>;
}

/**
 * Of evaluation graphs as `evaluationGraphs` makes them. `model` is at its initial parameters still when the side is made; `name`: of
 * the base model's graph among those of the job.
 */
export function baseSideOf(
  { base, evaluation: changed }: { readonly base?: Graph | undefined; evaluation(): Graph },
  model: TrainableModel,
  load: (name: string, graph: Graph) => Promise<Session>,
  name = 'base.onnx',
): BaseSide {
  const none = new ParameterStore([], 'values');
  const side = base ? { graph: base, store: none } : { graph: changed(), store: model.store };
  return {
    digest: digestOfSide(side.graph, side.store.values),
    async open() {
      if (!base) return { model, release: async () => undefined };
      const session = await load(name, base);
      const evaluation = () => Promise.resolve(session);
      return {
        model: new TrainableModel({ ...model.graphs, evaluation }, none),
        release: () => session.release(),
      };
    },
  };
}

/** `values`: of the weights that are the graph's inputs. */
const digestOfSide = (graph: Graph, values: Float32Array): Digest =>
  digestOf({
    graph: digestOfBytes(encodeModel(graph)),
    values: digestOfBytes(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  });
