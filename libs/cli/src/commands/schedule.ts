import { Command } from 'commander';
import { command } from '../define.js';

interface Create {
  cron?: string;
  every?: string;
  timezone?: string;
  id?: string;
  set: string[];
}

export function registerSchedule(program: Command): void {
  const schedule = new Command('schedule').description('run pipelines by the clock');
  schedule.addCommand(
    command<[string], Create>(
      'create <spec>',
      'check a spec and run it by the clock; a start that would overlap the last run is skipped',
      (c) =>
        c
          .option('--cron <expression>', 'minute hour day month weekday, e.g. "0 3 * * *"')
          .option('--every <duration>', 'e.g. 30m, 1h, 1d')
          .option('--timezone <name>', 'of the cron expression, e.g. Europe/Berlin; default UTC')
          .option('--id <name>', 'default: the name of the pipeline')
          .option('--set <path=value>', 'change a field of the spec (repeatable)', collect, []),
      async (terminal, options, file) =>
        (await import('../schedules/create.js')).createSchedule(terminal, file, options),
    ),
  );
  schedule.addCommand(
    command(
      'list',
      'all of them, with the next time',
      () => {},
      async (terminal) => (await import('../schedules/list.js')).listSchedules(terminal),
    ),
  );
  schedule.addCommand(
    command<[string]>(
      'show <id>',
      'its times and last runs',
      () => {},
      async (terminal, _, id) => (await import('../schedules/show.js')).showSchedule(terminal, id),
    ),
  );
  const actions = {
    trigger: 'run it now',
    pause: 'no more starts until resume',
    resume: 'start again by the clock',
    delete: 'its runs stay',
  } as const;
  for (const [name, description] of Object.entries(actions)) {
    const action = name as keyof typeof actions;
    schedule.addCommand(
      command<[string]>(
        `${action} <id>`,
        description,
        () => {},
        async (terminal, _, id) => (await import('../schedules/act.js')).actOnSchedule(terminal, action, id),
      ),
    );
  }
  program.addCommand(schedule);
}

const collect = (value: string, previous: string[]) => [...previous, value];
