import type { Command } from 'commander';
import { command } from '../define.js';

interface Options {
  set: string[];
  detach?: boolean;
  check?: boolean;
}

export function registerSweep(program: Command): void {
  const sweep = command<[string], Options>(
    'sweep <spec>',
    'try many settings of a pipeline and publish the best one',
    (c) =>
      c
        .option(
          '--set <path=value>',
          'change a field, e.g. trials=4 or pipeline.training.epochs=1',
          collect,
          [],
        )
        .option('--detach', 'print the id and leave')
        .option('--check', 'only check the sweep, the data and the model'),
    async (terminal, options, file) => {
      const { loadSweep } = await import('../sweeps/load.js');
      const { runSweep } = await import('../sweeps/run-sweep.js');
      return runSweep(terminal, await loadSweep(file, options.set), options);
    },
  );
  // Options after a subcommand are its own.
  sweep.enablePositionalOptions();
  sweep.addCommand(
    command<[], { limit: string }>(
      'list',
      'newest first',
      (c) => c.option('--limit <n>', 'at most so many', '20'),
      async (terminal, { limit }) => (await import('../sweeps/list.js')).listSweeps(terminal, limit),
    ),
  );
  sweep.addCommand(
    command<[string]>(
      'show <id>',
      'its trials, the best first',
      () => {},
      async (terminal, _, id) => (await import('../sweeps/show.js')).showSweep(terminal, id),
    ),
  );
  sweep.addCommand(
    command<[string]>(
      'cancel <id>',
      'end a sweep and its running trials',
      () => {},
      async (terminal, _, id) => (await import('../sweeps/cancel.js')).cancelSweep(terminal, id),
    ),
  );
  program.addCommand(sweep);
}

const collect = (value: string, previous: string[]) => [...previous, value];
