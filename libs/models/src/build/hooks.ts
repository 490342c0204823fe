import type { Value } from '@temper/graph';
import type { Attention } from '../attention/strategy.js';
import type { Build } from './build.js';
import type { EmbeddingModule, LinearModule, Parameter } from './module.js';

/** A linear module in its parts, for a hook that puts something between them. */
export interface LinearParts {
  readonly module: LinearModule;
  /** xWᵀ, without the bias. */
  product(x: Value): Value;
  /** y + b; y itself where the module has no bias. */
  addBias(y: Value): Value;
}

/** Keys and values, as attention compares them, in front of every example's own: [rows, kvHeads·headSize] each. */
export interface PrefixRows {
  readonly keys: Value;
  readonly values: Value;
}

/** What a sum x + y has about it. */
export interface ResidualForm {
  /** The norm behind the sum: norm(x + y). */
  readonly sumNorm?: string | undefined;
  /** The norm between y and the sum: x + norm(y). */
  readonly partNorm?: string | undefined;
  /** Both parts of the layer go from its input, so that x holds what this part has not seen. */
  readonly parallel?: boolean | undefined;
}

/** `part` is what the layer adds to its input: `attention` or `mlp`. */
export interface ResidualPlace extends ResidualForm {
  readonly layer: number;
  readonly part: 'attention' | 'mlp';
  /** Elements of a row. */
  readonly width: number;
}

/**
 * Where a fine-tuning method changes the forward graph. Each hook stands in the place of what the vocabulary makes by itself; what
 * is left out, and where a hook returns undefined, stays as it is.
 */
export interface Hooks {
  linear?(build: Build, parts: LinearParts, x: Value): Value | undefined;
  /** `rows` are the rows of the table for `ids`. */
  embedding?(build: Build, module: EmbeddingModule, ids: Value, rows: Value): Value | undefined;
  /** `rows` are those that the body goes on from: of the table, and scaled where the module says so. */
  inputRows?(build: Build, module: EmbeddingModule, rows: Value): Value | undefined;
  /** What is added to x in the place of y, which is what `part` of the layer makes of it: before the norms that `at` names. */
  residual?(build: Build, at: ResidualPlace, x: Value, y: Value): Value | undefined;
  /** Rows for each example's attention to see, as many as `prefixTokens` says. */
  prefix?(build: Build, attention: Attention): PrefixRows;
  /** Positions that the prefix takes before each example's own. */
  readonly prefixTokens?: number | undefined;
  /** Tokens of no text in front of each example's, whose rows the `inputRows` hook makes (see `BatchInputs.virtualTokens`). */
  readonly virtualTokens?: number | undefined;
  /**
   * The name under which a weight of the model itself is trained; undefined: it is not. `made`: it was made from the seed, because
   * the files lack it.
   */
  trains(parameter: Parameter, made: boolean): string | undefined;
  /** Factor on the learning rate of a weight of the model itself; default 1. */
  learningRateScale?(parameter: Parameter): number;
}

/** The model as it is: nothing is trained. */
export const noHooks: Hooks = { trains: () => undefined };
