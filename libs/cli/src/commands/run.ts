import type { Command } from 'commander';
import { command } from '../define.js';

interface Options {
  set: string[];
  detach?: boolean;
  fresh?: boolean;
  check?: boolean;
}

export function registerRun(program: Command): void {
  program.addCommand(
    command<[string], Options>(
      'run <spec>',
      'check a spec, run its pipeline and follow it',
      (c) =>
        c
          .option('--set <path=value>', 'change a field of the spec (repeatable)', collect, [])
          .option('--detach', 'print the run id and leave')
          .option('--fresh', 'do every stage again, cached or not')
          .option('--check', 'only check the spec, the data and the model'),
      async (terminal, options, file) => {
        const { loadSpec } = await import('../spec/read.js');
        const { runSpec } = await import('../pipeline/run-spec.js');
        return runSpec(terminal, await loadSpec(file, options.set), options);
      },
    ),
  );
}

const collect = (value: string, previous: string[]) => [...previous, value];
