import { readJson } from '../tokenizer/special-tokens.js';
import { labelsOfModel } from '../labels/order.js';

/** What tokenisation must know of the base model's config.json. */
export interface ModelLimits {
  /** Positions that the model has; longer examples cannot be fed. */
  readonly positions: number;
  /** Token ids are below this. */
  readonly vocabulary: number;
  readonly padTokenId: number | undefined;
  readonly labelNames: readonly string[] | undefined;
}

export async function modelLimits(folder: string): Promise<ModelLimits> {
  const config = await readJson(folder, 'config.json');
  const integer = (value: unknown) => (Number.isSafeInteger(value) ? (value as number) : undefined);
  return {
    positions: integer(config?.max_position_embeddings) ?? Infinity,
    vocabulary: integer(config?.vocab_size) ?? Infinity,
    padTokenId: integer(config?.pad_token_id),
    labelNames: labelsOfModel(config),
  };
}
