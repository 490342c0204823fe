import { Command } from 'commander';
import { command } from '../define.js';

export function registerDatasets(program: Command): void {
  const datasets = new Command('datasets').description('data sets that models were made from');
  datasets.addCommand(
    command<[string]>(
      'models <digest>',
      'every model version that has seen a data set (its digest, or a version made from it), itself or through another version',
      () => {},
      async (terminal, _, digest) => (await import('../store/delete.js')).whoSaw(terminal, digest),
    ),
  );
  datasets.addCommand(
    command<[string], { force?: boolean }>(
      'delete <digest>',
      'take a data set out of the store; names every model that saw it',
      (c) => c.option('--force', 'also where models were made from it: they stay, and cannot be rebuilt'),
      async (terminal, options, digest) =>
        (await import('../store/delete.js')).removeDataset(terminal, digest, options),
    ),
  );
  program.addCommand(datasets);
}
