import type { Command } from 'commander';
import { command } from '../define.js';

export function registerDown(program: Command): void {
  program.addCommand(
    command(
      'down',
      'end what temper up started in this folder; nothing is lost',
      () => {},
      async (terminal) => {
        const { stopBackground } = await import('../services/down.js');
        const stopped = await stopBackground();
        terminal.answer({ stopped }, () => terminal.say(stopped ? 'stopped' : 'nothing was running'));
        if (!stopped) terminal.note((await import('../services/home.js')).whereLooked());
      },
    ),
  );
}
