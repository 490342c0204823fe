import type { Command } from 'commander';
import { command } from '../define.js';
import type { GcFlags } from '../store/gc.js';

export function registerGc(program: Command): void {
  const gc = command<[], GcFlags>(
    'gc',
    'remove from the store and from this machine what nothing needs and no retention keeps',
    (c) =>
      c
        .option('--dry-run', 'say what would go and why, and remove nothing')
        .option('--list', 'each object, kept or removed, with the reason')
        .option(
          '--retention <setting...>',
          'from now on, for all pipelines that say nothing else: checkpoints.last=2 cache=7d',
        )
        .option(
          '--grace <age>',
          'how long something stays that nothing has referred to yet (30m, 1h, 2d); default 1h',
        )
        .option(
          '--schedule <when>',
          'from now on by the clock, on a worker: "0 3 * * *", or 6h; none takes it away',
        )
        .option('--time-zone, --timezone <name>', 'of --schedule, e.g. Europe/Berlin; default UTC')
        .option('--queue <name>', 'of --schedule: of a worker whose role may remove; default as for runs'),
    async (terminal, options) => (await import('../store/gc.js')).gc(terminal, options),
  );
  // What follows `show` is its own: both have --json.
  gc.enablePositionalOptions();
  gc.addCommand(
    command(
      'show',
      'when it is collected by the clock, and what the last collections came to',
      () => {},
      async (terminal) => (await import('../store/gc-schedule.js')).showGc(terminal),
    ),
  );
  program.addCommand(gc);
}
