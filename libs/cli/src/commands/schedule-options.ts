import type { Command } from 'commander';

/** Of `create` and `update`, as typed; checked by the client, all at once. */
export interface ScheduleFlags {
  readonly cron?: string[];
  readonly every?: string[];
  readonly offset?: string;
  readonly calendar?: string[];
  readonly timezone?: string;
  readonly jitter?: string;
  readonly startAt?: string;
  readonly endAt?: string;
  readonly overlap?: string;
  readonly catchupWindow?: string;
  readonly remainingActions?: string;
  readonly pauseOnFailure?: boolean;
  readonly onlyNewData?: boolean;
  readonly paused?: boolean;
  readonly note?: string;
  readonly set: string[];
}

export const overlapForm = 'skip|buffer-one|buffer-all|cancel-other|terminate-other|allow-all';

/** Where Temporal's own command line has another name for the same thing, that name works too. */
export const withScheduleOptions = (command: Command): Command =>
  command
    .option(
      '--cron <expression>',
      'minute hour day month weekday, e.g. "0 3 * * Mon-Fri" (repeatable)',
      collect,
    )
    .option(
      '--interval, --every <duration>',
      'e.g. 30m, 1h30m, 1d; 1h/15m: a quarter past (repeatable)',
      collect,
    )
    .option('--offset <duration>', 'of --every: 5m with --every 1h is at 5 past')
    .option('--calendar <fields>', '"hour=3 dayOfWeek=Mon-Fri", or as JSON (repeatable)', collect)
    .option('--time-zone, --timezone <name>', 'of cron and calendar, e.g. Europe/Berlin; default UTC')
    .option('--jitter <duration>', 'start up to this much later, at random')
    .option('--start-time, --start-at <time>', 'not before, e.g. 2026-03-01 or 2026-03-01T03:00:00Z')
    .option('--end-time, --end-at <time>', 'not after')
    .option(`--overlap-policy, --overlap <${overlapForm}>`, 'while the last run still goes on; default skip')
    .option('--catchup-window <duration>', 'make up for starts missed by at most this; default 1h')
    .option('--remaining-actions <n>', 'so many starts, then no more')
    .option('--pause-on-failure', 'pause when a run fails')
    .option('--only-new-data', 'end as unchanged where data, model and spec are those of the last run')
    .option('--notes, --note <text>', 'for people')
    .option('--set <path=value>', 'change a field of the spec (repeatable)', collect, []);

const collect = (value: string, previous: string[] = []) => [...previous, value];
