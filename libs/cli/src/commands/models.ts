import { Command } from 'commander';
import { command } from '../define.js';
import { compareCommand, rebuildCommand } from './models-again.js';
import { promotionCommands } from './promotion.js';

export function registerModels(program: Command): void {
  const models = new Command('models').description('the registry of published models');
  models.addCommand(
    command(
      'list',
      'names, versions and aliases',
      () => {},
      async (terminal) => (await import('../registry/list.js')).listModels(terminal),
    ),
  );
  models.addCommand(
    command<[string]>(
      'show <model>',
      'a version (NAME, NAME@ALIAS or NAME:VERSION): metrics, files, lineage',
      () => {},
      async (terminal, _, model) => (await import('../registry/show.js')).showModel(terminal, model),
    ),
  );
  promotionCommands().forEach((c) => models.addCommand(c));
  models.addCommand(
    command<[string, string], { base?: string; format?: string }>(
      'export <model> <folder>',
      'write the files of a version: a PEFT adapter, or a Hugging Face folder',
      (c) =>
        c
          .option(
            '--format <format>',
            'peft, or merged: the adapter in the weights of its base; default: as it was published',
          )
          .option(
            '--base <folder>',
            'write the base model too, as transformers loads it (also of a GGUF file)',
          ),
      async (terminal, options, model, folder) =>
        (await import('../registry/export.js')).exportModel(terminal, model, folder, options),
    ),
  );
  models.addCommand(compareCommand()).addCommand(rebuildCommand());
  models.addCommand(
    command<[string], { all?: boolean }>(
      'delete <model>',
      'take a version (NAME:VERSION) out of the registry; its number is not given again',
      (c) => c.option('--all', 'all versions and aliases of a name'),
      async (terminal, options, model) =>
        (await import('../store/delete.js')).deleteModels(terminal, model, options),
    ),
  );
  program.addCommand(models);
}
