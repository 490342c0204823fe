import type { Command } from 'commander';
import { command } from '../define.js';

export function registerUp(program: Command): void {
  program.addCommand(
    command<[], { detach?: boolean; worker: boolean; temporalUi: boolean; uiPort?: string }>(
      'up',
      'start Temporal, S3 and a CPU worker in this folder, until Ctrl-C',
      (c) =>
        c
          .option('--detach', 'in the background; temper down ends it')
          .option('--no-worker', 'servers only')
          .option('--no-temporal-ui', "without Temporal's UI")
          .option('--ui-port <n>', "of Temporal's UI; default a free one"),
      async (terminal, options) => {
        const { upDetached, upForeground } = await import('../services/up.js');
        return options.detach ? upDetached(terminal, options) : upForeground(terminal, options);
      },
    ),
  );
}
