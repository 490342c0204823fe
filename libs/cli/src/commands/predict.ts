import type { Command } from 'commander';
import { command } from '../define.js';
import type { PredictFlags } from '../predict/prompts.js';

export function registerPredict(program: Command): void {
  program.addCommand(
    command<[string, string[]], PredictFlags>(
      'predict <model> [text...]',
      'use a published model on this machine (NAME, NAME@ALIAS or NAME:VERSION)',
      (c) =>
        c
          .option('--file <path>', 'one text a line, or - for stdin')
          .option('--context <text>', 'what the texts are questions about')
          .option('--context-file <path>', 'the same, from a file')
          .option('--messages <path>', 'conversations to go on from: JSON or JSON Lines with messages')
          .option('--system <text>', 'a system message before each text')
          .option('--max-tokens <n>', 'of each answer; default 256'),
      async (terminal, options, model, texts) =>
        (await import('../predict/predict.js')).predictTexts(terminal, model, texts, options),
    ),
  );
}
