import { TemperError } from '@temper/contracts';
import { type PipelineSpec } from '@temper/spec';
import type { ModelSummary } from '@temper/models';
import { isTokenised, taskSchemaOf } from '@temper/tasks/schema';
import { count } from './count.js';

/** What the spec's lengths and the tokenizer's entries mean for this model, a line each. @throws TemperError SPEC_INVALID */
export async function checkLengths(spec: PipelineSpec, model: ModelSummary): Promise<string[]> {
  const { maxLength } = spec.tokenize;
  const lines: string[] = [];
  let around = 0;
  if (model.format === 'directory' && !isTokenised(spec.dataset.columns)) {
    const { tokenizerJson, tokenizerTraits } = await import('@temper/data');
    const traits = tokenizerTraits(await tokenizerJson(model.path), model.vocabularySize);
    around = traits.around;
    if (traits.beyond.length) {
      const some = traits.beyond.slice(0, 3).map((token) => JSON.stringify(token.slice(0, 40)));
      lines.push(
        `tokenizer: ${count(traits.beyond.length)} entries (${some.join(', ')}${traits.beyond.length > 3 ? ', …' : ''}) have no row in the model's table of ${count(model.vocabularySize)}: data that use them are refused`,
      );
    }
  }
  const { leastTokens } = taskSchemaOf(spec);
  const least = leastTokens.count + (leastTokens.around ? around : 0);
  if (maxLength < least) {
    throw new TemperError('SPEC_INVALID', {
      path: 'tokenize.maxLength',
      message: leastTokens.around
        ? `leaves no room for text beside the ${around} tokens that the model wants around it`
        : 'leaves nothing to predict',
      found: String(maxLength),
      allowed: `at least ${least}`,
    });
  }
  if (maxLength > model.maxPositions) {
    lines.push(
      `tokenize.maxLength ${count(maxLength)} is more than the model's ${count(model.maxPositions)} positions: examples are cut to those`,
    );
  }
  return lines;
}
