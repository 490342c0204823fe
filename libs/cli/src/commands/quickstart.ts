import type { Command } from 'commander';
import { command } from '../define.js';

export function registerQuickstart(program: Command): void {
  program.addCommand(
    command<[], { fast?: boolean; spec?: boolean }>(
      'quickstart',
      'fine-tune a real model on real mail, evaluate, publish and use it, in minutes',
      (c) =>
        c
          .option('--fast', 'a few steps only: shows that it works, not how well')
          .option('--spec', 'print its spec, to start your own from'),
      async (terminal, options) =>
        (await import('../quickstart/quickstart.js')).quickstart(terminal, options),
    ),
  );
}
