import { readJson } from '../tokenizer/special-tokens.js';
import { labelsOfModel } from '../labels/order.js';

export interface ModelSizes {
  /** Positions that the model has; longer examples cannot be fed. */
  readonly positions: number;
  /** Token ids are below this. */
  readonly vocabulary: number;
}

/** What tokenisation must know of the base model's config.json. */
export interface ModelLimits extends ModelSizes {
  readonly padTokenId: number | undefined;
  readonly labelNames: readonly string[] | undefined;
}

/** `sizes` are those of the model's family, which knows what a configuration without them means. */
export async function modelLimits(folder: string | undefined, sizes?: ModelSizes): Promise<ModelLimits> {
  const config = folder === undefined ? undefined : await readJson(folder, 'config.json');
  const integer = (value: unknown) => (Number.isSafeInteger(value) ? (value as number) : undefined);
  return {
    positions: sizes?.positions ?? integer(config?.max_position_embeddings) ?? Infinity,
    vocabulary: sizes?.vocabulary ?? integer(config?.vocab_size) ?? Infinity,
    padTokenId: integer(config?.pad_token_id),
    labelNames: labelsOfModel(config),
  };
}
