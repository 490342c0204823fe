import type { Problem } from '@temper/contracts';
import type { z } from 'zod';
import { pipelineSpecSchema } from './pipeline-spec.js';
import { inward, isColumns, problemsIn } from './schema-problems.js';
import { at } from './schema-walk.js';

/**
 * What the schema accepts once the fields that are wrong are left out, and where that does not help, what holds them; and
 * the mistakes that the first ones hid: those beside a `type` that is none, say.
 */
export function withoutMistakes(input: unknown): {
  spec?: z.output<typeof pipelineSpecSchema>;
  hidden: readonly Problem[];
} {
  const hidden: Problem[] = [];
  if (typeof input !== 'object' || input === null) return { hidden };
  // A name that is wrong says nothing about the rest.
  const copy: Record<string, unknown> = { name: 'unnamed', ...structuredClone(input) };
  const leftOut: string[] = [];
  for (let round = 0; round < 4; round++) {
    const parsed = pipelineSpecSchema.safeParse(copy);
    if (parsed.success) return { spec: parsed.data, hidden };
    const issues = parsed.error.issues.flatMap(inward);
    const news = round === 0 ? [] : problemsIn(issues, copy, pipelineSpecSchema);
    hidden.push(...news.filter(({ path }) => !leftOut.some((gone) => related(path, gone))));
    for (const issue of issues) {
      const path = issue.path.map(String);
      const whole = issue.code !== 'unrecognized_keys' || isColumns(path);
      for (const place of whole ? [path] : issue.keys.map((key) => [...path, key])) {
        leaveOut(copy, place);
        leftOut.push(place.join('.'));
      }
    }
    copy.name ??= 'unnamed';
  }
  return { hidden };
}

/** One is the other, or lies inside of it. */
export const related = (a: string, b: string) => `${a}.`.startsWith(`${b}.`) || `${b}.`.startsWith(`${a}.`);

function leaveOut(spec: Record<string, unknown>, place: readonly string[]): void {
  const holder = at(spec, place.slice(0, -1));
  const key = place.at(-1);
  if (key === undefined || typeof holder !== 'object' || holder === null) return;
  if (Object.hasOwn(holder, key)) delete (holder as Record<string, unknown>)[key];
  else leaveOut(spec, place.slice(0, -1));
}
