import type { MethodSpec } from './schema/index.js';
import type { Graph } from '@temper/graph';
import type { RandomInput } from '@temper/models';

export interface MethodContext {
  readonly seed: number;
  /** Folder of a PEFT adapter to start from. */
  readonly initFrom?: string | undefined;
  /** The adapter's classification head is for other classes: it is left out. */
  readonly newHead?: boolean | undefined;
}

/** What a method makes of a forward graph. */
export interface Applied {
  readonly graph: Graph;
  /** Names of the initializers to train. */
  readonly trainable: string[];
  /** Their first values, where they are not in the model's files. */
  readonly initial: Map<string, Float32Array>;
  readonly randomInputs: readonly RandomInput[];
  /** Weights of the model itself, by its own names, that the adapter to start from brought along: a task head. */
  readonly loaded?: readonly string[] | undefined;
}

/** A fine-tuning method is a rewrite of the forward graph. */
export type Method<S extends MethodSpec> = (forward: Graph, spec: S, context: MethodContext) => Applied;
