import type { PipelineSpec } from '@temper/contracts';
import type { CheckedData } from './data.js';
import type { CheckedModel } from './model.js';

/** What needs both the data and the base model: odd classes, and what will become of the model's head. */
export async function checkClasses(
  spec: PipelineSpec,
  { labels }: CheckedData,
  { head: base }: CheckedModel,
): Promise<{ readonly warnings: readonly string[]; readonly head: readonly string[] }> {
  if (!labels) return { warnings: [], head: [] };
  const { inspectClasses } = await import('@temper/data');
  const { warnings, head } = inspectClasses(spec, labels, base);
  return { warnings: warnings.map(({ message }) => message), head: head ? [head] : [] };
}
