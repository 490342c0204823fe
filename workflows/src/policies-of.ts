import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';
import type { ActivityName, ActivitySettings, Orchestration } from '@temper/contracts';
import {
  choosePoolPolicy,
  collectPolicy,
  devicePolicy,
  driftPolicy,
  notifyPolicy,
  stagePolicy,
} from './policies.js';

/** Where nothing else is asked for. */
const defaults = {
  ingest: stagePolicy,
  preprocess: stagePolicy,
  publish: stagePolicy,
  train: devicePolicy,
  evaluate: devicePolicy,
  notify: notifyPolicy,
  driftFromProduction: driftPolicy,
  choosePool: choosePoolPolicy,
  collectGarbage: collectPolicy,
} as const satisfies Readonly<Record<ActivityName, ActivityOptions | LocalActivityOptions>>;

/** The timeouts and retries of an activity: the defaults, but for what the workflow's input says otherwise. */
export function policyOf<A extends ActivityName>(
  name: A,
  { activities }: Orchestration = {},
): (typeof defaults)[A] & { readonly taskQueue?: string } {
  return withSettings(defaults[name], activities?.[name]);
}

export function withSettings<P extends ActivityOptions>(policy: P, settings: ActivitySettings = {}): P {
  const { retry, ...timeouts } = settings;
  return { ...policy, ...timeouts, ...(retry ? { retry: { ...policy.retry, ...retry } } : {}) } as P;
}
