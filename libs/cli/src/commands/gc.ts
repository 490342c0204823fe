import type { Command } from 'commander';
import { command } from '../define.js';
import type { GcFlags } from '../store/gc.js';

export function registerGc(program: Command): void {
  program.addCommand(
    command<[], GcFlags>(
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
            'how long something stays that nothing has referred to yet (30m, 1h, 2d)',
            '1h',
          ),
      async (terminal, options) => (await import('../store/gc.js')).gc(terminal, options),
    ),
  );
}
