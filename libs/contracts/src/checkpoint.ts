import type { DataCursor } from './tokens.js';

/**
 * Everything that training needs to go on to the bit. Files: `trainable.safetensors` (the trained weights in PEFT's or the
 * base model's own names), `optimizer.safetensors` (`exp_avg.NAME`, `exp_avg_sq.NAME`), `metrics.jsonl` (all lines so far).
 */
export interface CheckpointMeta {
  readonly step: number;
  readonly cursor: DataCursor;
  readonly seed: number;
  /** Threads of the session: results are bit-equal only for an equal number. */
  readonly threads: number;
  readonly provider: string;
  /** Total real tokens seen. */
  readonly tokens: number;
  readonly evaluation?: Readonly<Record<string, number>> | undefined;
  readonly best?: { readonly step: number; readonly metric: number; readonly digest: string } | undefined;
  /** Evaluations in a row without improvement. */
  readonly withoutImprovement: number;
}
