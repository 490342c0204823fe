import { Command } from 'commander';
import { command } from '../define.js';
import { registerScheduleActions } from './schedule-actions.js';
import { withScheduleOptions, type ScheduleFlags } from './schedule-options.js';

export function registerSchedule(program: Command): void {
  const schedule = new Command('schedule').description('run pipelines by the clock');
  schedule.addCommand(
    command<[string], ScheduleFlags & { id?: string }>(
      'create <spec>',
      'check a spec and run it by the clock',
      (c) =>
        withScheduleOptions(c)
          .option('--paused', 'make it, but start nothing until resume')
          .option('--schedule-id, --id <name>', 'default: the name of the pipeline'),
      async (terminal, { id, set, ...options }, file) =>
        (await import('../schedules/create.js')).createSchedule(terminal, file, { id, set, options }),
    ),
  );
  schedule.addCommand(
    command<[string], ScheduleFlags & { spec?: string }>(
      'update <id>',
      'change what is given and nothing else; "none" takes --start-at, --end-at or --remaining-actions away',
      (c) =>
        withScheduleOptions(c)
          .option('--no-pause-on-failure', 'go on after a run that failed')
          .option('--no-only-new-data', 'train in any case')
          .option('--spec <file>', 'the pipeline, read again'),
      async (terminal, { spec, set, ...options }, id) =>
        (await import('../schedules/update.js')).updateSchedule(terminal, id, { spec, set, options }),
    ),
  );
  schedule.addCommand(
    command(
      'list',
      'all of them: times, next start, last run',
      () => {},
      async (terminal) => (await import('../schedules/list.js')).listSchedules(terminal),
    ),
  );
  schedule.addCommand(
    command<[string]>(
      'show <id>',
      'times and rules, last runs and how they ended, what was skipped and missed, next starts',
      () => {},
      async (terminal, _, id) => (await import('../schedules/show.js')).showSchedule(terminal, id),
    ),
  );
  registerScheduleActions(schedule);
  program.addCommand(schedule);
}
