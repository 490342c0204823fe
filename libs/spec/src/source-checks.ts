import { shownSource, type Problem } from '@temper/contracts';
import { areAlike, formInWords, formOf, taskSchemaOf } from '@temper/tasks/schema';
import type { PipelineSpec } from './pipeline-spec.js';
import { sourcesOf, type SplitSource } from './sources-of.js';

/** What does not go together in a list of sources: one that is there twice, and rows of another kind than the others'. */
export function sourceProblems(spec: PipelineSpec): Problem[] {
  const sources = sourcesOf(spec.dataset, 'train');
  return sources.flatMap((one, i) => [...repeated(one, sources.slice(0, i)), ...unlike(one, spec)]);
}

function repeated({ path, source }: SplitSource, before: readonly SplitSource[]): Problem[] {
  const first = before.find((other) => other.source === source);
  if (!first) return [];
  const message = `is the same source as ${first.path}`;
  return [
    {
      path,
      message,
      found: shownSource(source),
      hint: 'a source whose rows are to be seen more often has a weight',
    },
  ];
}

function unlike({ path, columns }: SplitSource, spec: PipelineSpec): Problem[] {
  const { columns: others } = spec.dataset;
  if (!columns) return [];
  const count = taskSchemaOf(spec).sequencesPerExample;
  if (areAlike(columns, others) && count?.(columns) === count?.(others)) return [];
  return [
    {
      path: path.replace(/source$/, 'columns'),
      message: 'rows of this source are of another kind than those of the others',
      found: `{${Object.keys(columns).join(', ')}}`,
      allowed: `${formInWords(formOf(others))} as the others have them: {${Object.keys(others).join(', ')}}`,
    },
  ];
}
