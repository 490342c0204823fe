/** What an operator must declare: everything the compiler knows about it is in its one file. */
import type { GraphBuilder } from '../onnx/builder.js';
import type { DataType, Dim, Shape, Value } from '../onnx/types.js';
import type { Tensor } from '../reference/tensor.js';
import type { Signature } from './element-types.js';

/** '' is ai.onnx. */
export type Domain = '' | 'com.microsoft';

export type AttributeValue = number | string | readonly number[];

/**
 * How an attribute is written in the file; the type of the attribute decides what may be said here. Of integers, an axis is one of the
 * first input (−1 is the last), a flag is 0 or 1.
 */
type KindOf<T> = T extends DataType
  ? 'dtype'
  : T extends string
    ? 'string'
    : T extends readonly number[]
      ? 'ints'
      : 'int' | 'axis' | 'flag' | 'float';

/** An attribute without a default says so: `required axis`. */
export type AttributeKind<A, K extends keyof A> = undefined extends A[K]
  ? KindOf<NonNullable<A[K]>>
  : `required ${KindOf<A[K]>}`;

export interface InferContext<A> {
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: A;
  readonly outputCount: number;
  /** A required input. */
  input(index: number): Value;
  /** The elements of a small integer input where they are known: numbers or symbolic dimensions. */
  content(index: number): readonly Dim[] | undefined;
  fail(message: string, details?: { found?: string; allowed?: string }): never;
}

export interface OutputType {
  readonly dtype: DataType;
  readonly shape: Shape;
  /** Elements of an integer vector, where known (see InferContext.content). */
  readonly content?: readonly Dim[] | undefined;
}

export interface EvaluateContext<A> {
  readonly inputs: readonly (Tensor | undefined)[];
  readonly attributes: A;
  readonly outputCount: number;
  /** A required input. */
  input(index: number): Tensor;
}

export interface GradientContext<A> {
  readonly g: GraphBuilder;
  readonly attributes: A;
  /** Gradient of the loss with respect to the first output. */
  readonly dy: Value;
  input(index: number): Value;
  hasInput(index: number): boolean;
  output(index: number): Value;
  /** Undefined where the loss does not depend on that output. */
  outputGradient(index: number): Value | undefined;
  readonly inputCount: number;
  readonly outputCount: number;
}

/**
 * The three answers for an input: its gradient (made only when asked for; it may have the broadcast shape, the walk sums
 * it down to the input's), 'none' where the output does not depend on it differentiably, 'unsupported' where the rule is missing.
 */
export type InputGradient = (() => Value) | 'none' | 'unsupported';

export interface OpDefinition<A> {
  readonly domain: Domain;
  /** The opset of its domain that brought the version used here. */
  readonly since: number;
  /** Fewest and most. */
  readonly inputs: readonly [number, number];
  readonly outputs: readonly [number, number];
  /** The element types that each input takes. */
  readonly types: Signature;
  readonly attributes: { readonly [K in keyof A]-?: AttributeKind<A, K> };
  /** The values that an attribute may have, where these are not all of its kind. */
  readonly choices?: { readonly [K in keyof A]?: readonly NonNullable<A[K]>[] };
  /** Each element of the output depends only on the elements of the inputs at the same place: may run in place. */
  readonly elementwise?: true;
  /** How many of its outputs the gradient reads; the autodiff adds those the forward graph left out. */
  readonly saves?: number;
  infer(context: InferContext<A>): OutputType[];
  evaluate(context: EvaluateContext<A>): Tensor[];
  /** One answer an input; 'none' for an operator that is nowhere differentiable. */
  readonly gradient: 'none' | ((context: GradientContext<A>) => readonly InputGradient[]);
}

export type NoAttributes = Record<never, never>;
