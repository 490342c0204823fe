import { ScheduleOverlapPolicy, type ScheduleOptions as SdkOptions } from '@temporalio/client';
import { nearest, type Problem } from '@temper/contracts';
import { durationForm, parseDuration } from './duration.js';

/** What becomes of a start while the run before it still goes on. */
export const overlapPolicies = {
  skip: ScheduleOverlapPolicy.SKIP,
  'buffer-one': ScheduleOverlapPolicy.BUFFER_ONE,
  'buffer-all': ScheduleOverlapPolicy.BUFFER_ALL,
  'cancel-other': ScheduleOverlapPolicy.CANCEL_OTHER,
  'terminate-other': ScheduleOverlapPolicy.TERMINATE_OTHER,
  'allow-all': ScheduleOverlapPolicy.ALLOW_ALL,
} as const;
export type Overlap = keyof typeof overlapPolicies;

export const overlapName = (policy: ScheduleOverlapPolicy | undefined): Overlap =>
  (Object.keys(overlapPolicies) as Overlap[]).find((name) => overlapPolicies[name] === policy) ?? 'skip';

export interface PolicyOptions {
  /** Default skip. */
  readonly overlap?: string | undefined;
  /** Starts that are later than this, because the server was down, are not made up for; default 1h. */
  readonly catchupWindow?: string | undefined;
  readonly pauseOnFailure?: boolean | undefined;
  /** Ends as `unchanged` where data, base model and spec are those of the last run. */
  readonly onlyNewData?: boolean | undefined;
}

/** The spelling of Temporal's own command line (BufferOne) is understood too. */
export function compileOverlap(name: string, problems: Problem[]): ScheduleOverlapPolicy {
  const names = Object.keys(overlapPolicies) as Overlap[];
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '');
  const found = names.find((known) => plain(known) === plain(name));
  if (found) return overlapPolicies[found];
  const close = nearest(name, names);
  problems.push({
    path: '--overlap',
    message: 'no such overlap policy',
    found: name,
    allowed: names.join(', '),
    ...(close ? { hint: `did you mean ${close}?` } : {}),
  });
  return overlapPolicies.skip;
}

/** The server's own smallest window. */
const SMALLEST_WINDOW = 10_000;

/** Only what was given: an update leaves the rest as it is. */
export function compilePolicies(
  { overlap, catchupWindow, pauseOnFailure }: PolicyOptions,
  problems: Problem[],
): NonNullable<SdkOptions['policies']> {
  const window = catchupWindow === undefined ? undefined : parseDuration(catchupWindow);
  if (catchupWindow !== undefined && (window === undefined || window < SMALLEST_WINDOW)) {
    problems.push({
      path: '--catchup-window',
      message: 'not a duration of at least 10s',
      found: catchupWindow,
      allowed: durationForm,
    });
  }
  return {
    ...(overlap === undefined ? {} : { overlap: compileOverlap(overlap, problems) }),
    ...(window === undefined ? {} : { catchupWindow: window }),
    ...(pauseOnFailure === undefined ? {} : { pauseOnFailure }),
  };
}

/** Runs side by side have no run before them to compare with: the server gives them no last result. */
export function checkOnlyNewData(overlap: Overlap, onlyNewData: boolean, problems: Problem[]): void {
  if (!onlyNewData || overlap !== 'allow-all') return;
  problems.push({
    path: '--only-new-data',
    message: 'compares with the run before, and with this overlap policy there is none',
    found: '--overlap allow-all',
    allowed: 'any other overlap policy',
  });
}
