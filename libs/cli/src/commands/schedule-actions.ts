import type { Command } from 'commander';
import { command } from '../define.js';
import type { BackfillFlags } from '../schedules/backfill.js';
import { overlapForm } from './schedule-options.js';

const overlap = `--overlap-policy, --overlap <${overlapForm}>`;

/** What is done to a schedule that exists. */
export function registerScheduleActions(schedule: Command): void {
  for (const [name, description] of [
    ['pause', 'start nothing until resume; runs that go on go on'],
    ['resume', 'start again by the clock'],
  ] as const) {
    schedule.addCommand(
      command<[string], { note?: string }>(
        `${name} <id>`,
        description,
        (c) => c.option('--reason, --note <text>', 'why, for those who come later'),
        async (terminal, options, id) =>
          (await import('../schedules/act.js')).pauseOrResume(terminal, name, id, options),
      ),
    );
  }
  schedule.addCommand(
    command<[string], { overlap?: string }>(
      'trigger <id>',
      'run it now, paused or not; waits for a run that still goes on',
      (c) => c.option(overlap, "default: the schedule's own, but buffer-all for skip and buffer-one"),
      async (terminal, options, id) =>
        (await import('../schedules/act.js')).triggerSchedule(terminal, id, options),
    ),
  );
  schedule.addCommand(
    command<[string], BackfillFlags>(
      'backfill <id>',
      'start the runs of a time that is over',
      (c) =>
        c
          .option('--start-time, --from <time>', 'first time, e.g. 2026-03-01T00:00:00Z')
          .option('--end-time, --to <time>', 'last time, not one to come')
          .option(overlap, 'default buffer-all: one after the other')
          .option('--max-starts <n>', 'refuse more than this; default 100')
          .option('--preview', 'only show what would be started')
          .option('--stop', 'end the runs of a backfill, and drop those that wait'),
      async (terminal, options, id) =>
        (await import('../schedules/backfill.js')).backfillSchedule(terminal, id, options),
    ),
  );
  schedule.addCommand(
    command<[string]>(
      'delete <id>',
      'its runs stay',
      () => {},
      async (terminal, _, id) => (await import('../schedules/act.js')).deleteSchedule(terminal, id),
    ),
  );
}
