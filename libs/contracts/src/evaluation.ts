import type { Digest } from './artifact.js';
import type { EngineIdentity } from './engine.js';
import type { LabelKind } from './tokens.js';

/**
 * What the base model and the fine-tuned one make of each row of the test split, in the order of the tokens artifact's
 * `test.*` files; no logits. Files, little-endian: `base.loss.f32`, `test.loss.f32` (nats, summed over the row),
 * and for classification `labels.i32`, `base.predicted.i32`, `test.predicted.i32`, for language models `counted.i32`
 * (tokens that the row's loss is summed over), and of preferences, two numbers a pair, `base.predicted.f32` and `test.predicted.f32` (ln π − ln π_ref
 * of the chosen and the rejected). What is kept of a base model alone for other runs has its own files of these and
 * `base.metrics.json`.
 */
export interface EvaluationMeta {
  readonly labelKind: LabelKind;
  readonly rows: number;
  /** What measured, and the artifact of its graphs; absent in 0.1.0 and of what is kept of a base model alone. */
  readonly engine?: EngineIdentity | undefined;
  readonly graphs?: Digest | undefined;
}
