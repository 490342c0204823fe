import type { Digest } from '@temper/contracts';
import { encodeModel, type Graph } from '@temper/graph';
import { digestOf, digestOfBytes } from '@temper/storage';
import type { TrainableModel } from '../model.js';

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

/** `values`: of the weights that are the graph's inputs. */
export const digestOfSide = (graph: Graph, values: Float32Array): Digest =>
  digestOf({
    graph: digestOfBytes(encodeModel(graph)),
    values: digestOfBytes(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  });
