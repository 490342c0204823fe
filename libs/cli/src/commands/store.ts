import { Command } from 'commander';
import { command } from '../define.js';
import type { CheckFlags, CopyFlags } from '../store/copy.js';

export function registerStore(program: Command): void {
  const store = new Command('store').description('the object store: copies of it, and whether it is whole');
  store.addCommand(
    command<[], CopyFlags>(
      'copy',
      'copy all that Temper has in its store to another, or back; beside running pipelines',
      (c) =>
        c
          .option('--to <bucket>', 'where a backup goes: s3://BUCKET')
          .option('--from <bucket>', 'what is to be restored: s3://BUCKET')
          .option(
            '--credential <name>',
            'of the other store: TEMPER_CREDENTIAL_NAME_ENDPOINT, …_ACCESS_KEY_ID, …_SECRET_ACCESS_KEY',
          ),
      async (terminal, options) => (await import('../store/copy.js')).copy(terminal, options),
    ),
  );
  store.addCommand(
    command<[], CheckFlags>(
      'check',
      'read everything in the store: what is damaged, and what is missing',
      (c) => c.option('--quick', 'blobs by their sizes alone'),
      async (terminal, options) => (await import('../store/copy.js')).check(terminal, options),
    ),
  );
  program.addCommand(store);
}
