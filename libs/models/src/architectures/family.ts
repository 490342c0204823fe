import type { Problem, Task } from '@temper/contracts';
import type { GraphBuilder, Value } from '@temper/graph';
import type { Fields } from './fields.js';

/** config.json of a Hugging Face model. */
export type HfConfig = Readonly<Record<string, unknown>> & { readonly model_type: string };

/** What the graph is built for. */
export interface Head {
  readonly task: Task;
  /** Classes of a classification head. */
  readonly labels: number;
}

/** A weight that the architecture needs, under the name that transformers gives it. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** A table that is looked up, as against a matrix that is multiplied. */
  readonly table?: true;
  /** Of a classification head: the first dimension is the classes. */
  readonly perClass?: true;
  /** A part of a task head: made from the seed where the files lack it. */
  readonly initial?: { readonly kind: 'normal'; readonly deviation: number } | { readonly kind: 'zeros' };
}

/** What a family's graph is made with: `weight` is the initializer of that name. */
export interface ForwardContext {
  readonly g: GraphBuilder;
  weight(name: string): Value;
  /** [B, S] */
  readonly inputIds: Value;
  /** [B, S], 1 where there is a token. */
  readonly attentionMask: Value;
  /** int64 [tokens, 2]: where in the batch the real tokens are. */
  readonly places: Value;
  /** Causal language models only. */
  readonly labelPositions: Value | undefined;
  readonly head: Head;
  /** The longest sequence that will be fed, where a table of positions is made for it. */
  readonly maxSequence: number;
  /** x, of which training drops elements; `rate` is what config.json says for the place. */
  dropout(place: string, x: Value, rate: number): Value;
}

/** One family of models: everything Temper knows about it. `C` is what its config.json says. */
export interface Family<C = unknown> {
  /**
   * By the `model_type`s of config.json that have this architecture: transformers' class for each task that can be trained.
   */
  readonly classes: Readonly<Record<string, Readonly<Partial<Record<Task, string>>>>>;
  /** What is made of each field of config.json, by `model_type`. */
  readonly fields: Readonly<Record<string, Fields>>;
  /** The settings, or everything in them that cannot be done. */
  settings(config: HfConfig): { readonly settings: C } | { readonly problems: readonly Problem[] };
  /** The name in transformers' task model of a tensor of a checkpoint; undefined for buffers that are no weights. */
  canonicalName(name: string): string | undefined;
  parameters(settings: C, head: Head): readonly Parameter[];
  /** Of a weight's name, with the number of the layer as its group; and how many layers the settings say. */
  readonly layerOf: RegExp;
  layers(settings: C): number;
  /** What the names of the weights of the body begin with, as against those of other tasks' heads. */
  readonly body: string;
  /** Weights that are one where `tie_word_embeddings` says so. */
  readonly tied?: { readonly table: string; readonly head: string };
  /** Longest sequence that the positions allow. */
  maxPositions(settings: C): number;
  /** Rows of the table of tokens. */
  vocabulary(settings: C): number;
  /** Returns the logits. */
  forward(context: ForwardContext, settings: C): Value;
}
