import type { GraphBuilder, Value } from '@temper/graph';
import type { z } from 'zod';
import type { BlockwiseCode } from '@temper/graph/quantization/blockwise-code';

/** What a parameter is for; declared where the model makes it. */
export type ParameterKind = 'kernel' | 'bias' | 'norm' | 'embedding' | 'head';

/** What is known of a parameter that is trained: optimizers read this, never its name. */
export interface TrainedParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: ParameterKind;
  /** Whether weight decay applies. */
  readonly decayed: boolean;
  /** Factor on the learning rate (LoRA+, layer-wise decay). */
  readonly lrScale: number;
}

/** Part of the optimizer's state of each parameter; it begins with zeros. */
export interface Slot {
  /**
   * `element`: the parameter's shape; `row`: its shape without the last axis; `column`: without the one before the last.
   * In the graph the axis that is left out has length 1.
   */
  readonly per: 'element' | 'row' | 'column';
  /** How an element slot lies in memory and in checkpoints where that is not float32; the graph always sees float32. */
  readonly code?: BlockwiseCode;
}

/** What the graph of a rule is built from: `param`, `grad`, the slots, and scalars. */
export interface UpdateInputs<SlotName extends string, ScalarName extends string> {
  readonly param: Value;
  /** Of the loss sum, as it is accumulated. */
  readonly grad: Value;
  /** Factor on `grad`: 1/counted × the clip coefficient. */
  readonly gradScale: Value;
  /** The schedule's, times the parameter's own factor. */
  readonly learningRate: Value;
  /** The setting, or 0 where the parameter is not decayed. */
  readonly weightDecay: Value;
  readonly slots: Readonly<Record<SlotName, Value>>;
  readonly scalars: Readonly<Record<ScalarName, Value>>;
}

/**
 * One step of an optimizer on some parameters. An output is written over the input that it replaces where the graph allows
 * that: made by an elementwise operator, after everything that reads the input. Else it is copied, which takes a pass.
 */
export interface UpdateRule<S, SlotName extends string = string, ScalarName extends string = string> {
  readonly name: string;
  /** `element`: elementwise, run over flat chunks of many parameters; `tensor`: run over one whole parameter. */
  readonly granularity: 'element' | 'tensor';
  readonly slots: Readonly<Record<SlotName, Slot>>;
  /** What the graph needs to know of a step (from 1); `shape` is the parameter's where the granularity is `tensor`. */
  scalars(step: number, settings: S, shape: readonly number[]): Readonly<Record<ScalarName, number>>;
  build(
    g: GraphBuilder,
    inputs: UpdateInputs<SlotName, ScalarName>,
    settings: S,
  ): { readonly param: Value; readonly slots: Readonly<Record<SlotName, Value>> };
}

export type Fields = Readonly<Record<string, z.ZodType>> & {
  readonly weightDecay: z.ZodDefault<z.ZodNumber>;
};
export type SettingsOf<F extends Fields> = z.output<z.ZodObject<F>> & { readonly weightDecay: number };

/** One optimizer: everything that the rest of the engine knows of it. */
export interface Optimizer<F extends Fields = Fields> {
  /** For the documentation: what it is, and its reference. */
  readonly summary: string;
  /** Names that transformers' `optim` and other tools have for it. */
  readonly alsoCalled: readonly string[];
  /** Its settings in `training`, with their defaults. */
  readonly fields: F;
  /** On the method's default learning rate, which is AdamW's. */
  readonly learningRateFactor: number;
  /** How this parameter is updated. */
  rule(
    parameter: Pick<TrainedParameter, 'shape' | 'kind'>,
    settings: SettingsOf<F>,
  ): UpdateRule<SettingsOf<F>>;
}

/** Infers the settings from the fields, and slots and scalars of rules from their tables. */
export const defineOptimizer = <F extends Fields>(optimizer: Optimizer<F>): Optimizer<F> => optimizer;
export const defineRule = <S, SlotName extends string, ScalarName extends string>(
  rule: UpdateRule<S, SlotName, ScalarName>,
): UpdateRule<S, SlotName, ScalarName> => rule;
