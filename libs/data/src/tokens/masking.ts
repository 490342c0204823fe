import { TemperError, type Masking } from '@temper/contracts';
import type { PipelineSpec } from '@temper/spec';
import { taskSchemaOf } from '@temper/tasks/schema';
import type { TokenizerFacts } from '../tokenizer/local-tokenizer.js';
import type { ModelLimits } from './model-limits.js';

/**
 * What hides tokens, of tasks that learn hidden ones; undefined for others, and for rows that are tokenised already, whose labels
 * say what is hidden.
 * @throws TemperError MODEL_UNSUPPORTED where the tokenizer has nothing to hide them behind, or the model no row for it
 */
export function maskingOf(
  spec: Pick<PipelineSpec, 'task' | 'problemType'>,
  tokenizer: Pick<TokenizerFacts, 'maskTokenId' | 'specialTokenIds' | 'vocabularySize'> | undefined,
  { vocabulary }: Pick<ModelLimits, 'vocabulary'>,
): Masking | undefined {
  if (!taskSchemaOf(spec).masking || !tokenizer) return undefined;
  const { maskTokenId, specialTokenIds, vocabularySize } = tokenizer;
  if (maskTokenId === undefined || maskTokenId >= vocabulary) {
    throw new TemperError('MODEL_UNSUPPORTED', {
      path: 'model.base',
      message: `it has no mask token, behind which ${spec.task} hides tokens`,
      ...(maskTokenId === undefined
        ? {}
        : { found: `token ${maskTokenId} of its tokenizer, beyond the model's ${vocabulary} rows` }),
      allowed: 'a mask_token in tokenizer_config.json or special_tokens_map.json, as BERT has [MASK]',
      hint: 'or give rows that are tokenised already: dataset.columns: {inputIds: input_ids, labels: labels}',
    });
  }
  return { maskTokenId, specialTokenIds, vocabulary: Math.min(vocabularySize, vocabulary) };
}
