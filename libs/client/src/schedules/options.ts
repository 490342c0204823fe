import type { ScheduleOptions as SdkOptions, ScheduleSpec } from '@temporalio/client';
import { specNamePattern, TemperError, type Problem } from '@temper/contracts';
import { checkOnlyNewData, compilePolicies, overlapName, type PolicyOptions } from './policies.js';
import { compileTimes, hasTimes, type TimeOptions } from './times.js';

export interface StateOptions {
  /** Made, but not started until `resume`. */
  readonly paused?: boolean | undefined;
  /** For people: shown wherever the schedule is shown. */
  readonly note?: string | undefined;
  /** Starts that are left, then no more. `none` takes the limit away. */
  readonly remainingActions?: number | string | undefined;
}

/** Everything about a schedule but its pipeline: names as those of the command line. */
export type ScheduleOptions = TimeOptions & PolicyOptions & StateOptions;

interface Compiled {
  readonly spec: ScheduleSpec;
  readonly policies: NonNullable<SdkOptions['policies']>;
  readonly state: NonNullable<SdkOptions['state']>;
}

/** In the SDK's terms, only what was given; throws SPEC_INVALID with all mistakes. */
export function compileSchedule(options: ScheduleOptions): Compiled {
  const { compiled, problems } = compile(options);
  if (problems.length) throw new TemperError('SPEC_INVALID', problems);
  return compiled;
}

/** A schedule's id becomes the beginning of the ids of its runs. */
export function idProblems(id: string): Problem[] {
  if (specNamePattern.test(id)) return [];
  const allowed = 'letters, digits, ".", "_" and "-", at most 63, a letter or digit first';
  return [{ path: '--id', message: 'not a name for a schedule', found: JSON.stringify(id), allowed }];
}

/** What `create` would refuse. */
export function newScheduleProblems(options: ScheduleOptions): Problem[] {
  const { compiled, problems } = compile(options);
  checkOnlyNewData(overlapName(compiled.policies.overlap), options.onlyNewData === true, problems);
  if (!hasTimes(options)) {
    const allowed = '--cron, --every or --calendar';
    problems.unshift({ path: 'temper schedule create', message: 'say when', allowed });
  }
  return problems;
}

/** What `update` would refuse, as far as it can be said without the schedule. */
export const changeProblems = (options: ScheduleOptions): Problem[] => compile(options).problems;

function compile(options: ScheduleOptions): { compiled: Compiled; problems: Problem[] } {
  const problems: Problem[] = [];
  const spec = compileTimes(options, problems);
  const policies = compilePolicies(options, problems);
  const state = compileState(options, problems);
  return { compiled: { spec, policies, state }, problems };
}

function compileState({ paused, note, remainingActions }: StateOptions, problems: Problem[]) {
  const state: Compiled['state'] = {
    ...(paused === undefined ? {} : { paused }),
    ...(note === undefined ? {} : { note }),
  };
  if (remainingActions === undefined) return state;
  if (remainingActions === 'none') return Object.assign(state, { remainingActions: undefined });
  const count = Number(remainingActions);
  if (!Number.isInteger(count) || count < 1) {
    const found = String(remainingActions);
    problems.push({
      path: '--remaining-actions',
      message: 'not a number of starts',
      found,
      allowed: '1 or more',
    });
  }
  return { ...state, remainingActions: count };
}
