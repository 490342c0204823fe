import { z } from 'zod';
import { nearest } from './nearest.js';
import { TemperError, type Problem } from './errors.js';
import { otherActivityNames, type ActivityName, type Orchestration } from './orchestration.js';
import { queuePrefixOf } from './queues.js';
import { stageNames } from './run.js';

const DURATION =
  /^\s*\d*\.?\d+\s*(ms|msecs?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)\s*$/i;
const duration = z.union([z.number().positive(), z.string().regex(DURATION)]);

const settings = z.strictObject({
  taskQueue: z.string().min(1).max(1000).optional(),
  scheduleToCloseTimeout: duration.optional(),
  scheduleToStartTimeout: duration.optional(),
  startToCloseTimeout: duration.optional(),
  heartbeatTimeout: duration.optional(),
  retry: z
    .strictObject({
      initialInterval: duration.optional(),
      backoffCoefficient: z.number().min(1).optional(),
      maximumInterval: duration.optional(),
      maximumAttempts: z.int().min(1).optional(),
      nonRetryableErrorTypes: z.array(z.string()).optional(),
    })
    .optional(),
});

/** It runs in the workflow's own worker, which is its queue and its heartbeat. */
const local = settings.omit({ taskQueue: true, heartbeatTimeout: true });

const names: readonly ActivityName[] = [...stageNames, ...otherActivityNames];
const schema = z.strictObject({
  queuePrefix: z.string().optional(),
  activities: z
    .strictObject(
      Object.fromEntries(
        names.map((name) => [name, (name === 'choosePool' ? local : settings).optional()]),
      ) as unknown as Record<ActivityName, z.ZodOptional<typeof settings>>,
    )
    .optional(),
});

/** @throws TemperError SPEC_INVALID with every mistake: where, what was found, what is allowed. */
export function checkedOrchestration(value: unknown): Orchestration {
  const { data, error } = schema.safeParse(value);
  if (error)
    throw new TemperError(
      'SPEC_INVALID',
      error.issues.flatMap((issue) => problemsOf(issue, value)),
    );
  if (data.queuePrefix !== undefined) queuePrefixOf(data.queuePrefix, {});
  return data;
}

function problemsOf(issue: z.core.$ZodIssue, value: unknown): Problem[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const allowed = namesAt(path);
    return issue.keys.map((key) => {
      const close = nearest(key, allowed);
      const hint = close ? { hint: `did you mean ${close}?` } : {};
      return { path: [...path, key].join('.'), message: 'unknown', allowed: allowed.join(', '), ...hint };
    });
  }
  const found = path.reduce<unknown>((at, key) => (at as never)?.[key], value);
  const isTime = /(Timeout|Interval)$/.test(path.at(-1) ?? '');
  return [
    {
      path: path.join('.') || 'orchestration',
      message: isTime ? 'not a duration' : issue.message,
      found: JSON.stringify(found) ?? 'nothing',
      ...(isTime ? { allowed: 'milliseconds, or a text such as 30s, 12 hours' } : {}),
    },
  ];
}

function namesAt([first, name, retry]: readonly string[]): readonly string[] {
  if (first === undefined) return Object.keys(schema.shape);
  if (name === undefined) return names;
  const of = name === 'choosePool' ? local : settings;
  return retry === undefined ? Object.keys(of.shape) : Object.keys(settings.shape.retry.unwrap().shape);
}
