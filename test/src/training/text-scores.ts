import { definitionOf, type WrittenText } from '@temper/tasks';

/** What a language model's texts score, by name of the metric. */
export function textScores(texts: readonly WrittenText[]): Record<string, number> {
  const measure = definitionOf({ task: 'causal-lm' }).measureTexts!(texts);
  texts.forEach((_, row) => measure.add(row));
  const values = measure.values();
  return Object.fromEntries(measure.metrics.map((name, k) => [name, values[k]!]));
}
