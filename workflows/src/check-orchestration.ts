import { ApplicationFailure } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time.js';
import type { Orchestration, Problem } from '@temper/contracts';
import { formatProblem } from '@temper/contracts/errors';

/**
 * The client checks it too, but an input comes from anybody: a duration that is none would fail the workflow's task again
 * and again, where nobody sees why.
 */
export function checkOrchestration({ activities = {} }: Orchestration = {}): void {
  const problems = Object.entries(activities).flatMap(([name, { retry, ...settings } = {}]) => [
    ...durations(`orchestration.activities.${name}`, settings),
    ...durations(`orchestration.activities.${name}.retry`, retry ?? {}),
  ]);
  if (!problems.length) return;
  throw ApplicationFailure.create({
    message: problems.map(formatProblem).join('\n'),
    type: 'SPEC_INVALID',
    nonRetryable: true,
    details: [problems],
  });
}

const durations = (path: string, settings: object): Problem[] =>
  Object.entries(settings as Record<string, unknown>).flatMap(([name, value]) => {
    if (!/(Timeout|Interval)$/.test(name) || value === undefined || isDuration(value)) return [];
    const allowed = 'milliseconds, or a text such as 30s, 12 hours';
    return [{ path: `${path}.${name}`, message: 'not a duration', found: String(value), allowed }];
  });

function isDuration(value: unknown): boolean {
  try {
    return msToNumber(value as number) > 0;
  } catch {
    return false;
  }
}
