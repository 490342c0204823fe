import type { Command } from 'commander';
import { command } from '../define.js';

export const rebuildCommand = (): Command =>
  command<[string], { anyway?: boolean }>(
    'rebuild <model>',
    'make a version again from its lineage alone, and say whether it is the same (exit 1: it is not, 3: cannot be told)',
    (c) => c.option('--anyway', 'train also where another engine or other code would do it than did'),
    async (terminal, options, model) =>
      (await import('../registry/rebuild.js')).rebuildModel(terminal, model, options),
  );

export const compareCommand = (): Command =>
  command<[string, string]>(
    'compare <model> <other>',
    'two versions: specs, data, engines and metrics side by side',
    () => {},
    async (terminal, _, a, b) => (await import('../registry/compare.js')).compareModels(terminal, a, b),
  );
