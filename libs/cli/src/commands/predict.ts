import type { Command } from 'commander';
import { command } from '../define.js';

export function registerPredict(program: Command): void {
  program.addCommand(
    command<[string, string[]], { file?: string }>(
      'predict <model> [text...]',
      'use a published model on this machine (NAME, NAME@ALIAS or NAME:VERSION)',
      (c) => c.option('--file <path>', 'one text a line, or - for stdin'),
      async (terminal, options, model, texts) =>
        (await import('../predict/predict.js')).predictTexts(terminal, model, texts, options.file),
    ),
  );
}
