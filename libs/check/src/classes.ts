import type { PipelineSpec } from '@temper/spec';
import type { CheckedAdapter } from './adapter.js';
import type { CheckedData } from './data.js';
import type { CheckedModel } from './model.js';

/** What needs both the data and the base model: odd classes, and what will become of the model's head. */
export async function checkClasses(
  spec: PipelineSpec,
  { labels, head: ofModel, adapterHead }: CheckedData & CheckedModel & CheckedAdapter,
): Promise<{ readonly warnings: readonly string[]; readonly head: readonly string[] }> {
  if (!labels) return { warnings: [], head: [] };
  const { headToStartFrom, inspectClasses } = await import('@temper/data');
  const base = ofModel && headToStartFrom(ofModel, adapterHead);
  const { warnings, head } = inspectClasses(spec, labels, base);
  return { warnings: warnings.map(({ message }) => message), head: head ? [head] : [] };
}
