import type { Command } from 'commander';
import { command } from '../define.js';

const aliasOption = (c: Command) => c.option('--alias <alias>', 'which alias', 'production');

/** Subcommands of `temper models`: which version an alias points at, who let it, and who vouches for it. */
export const promotionCommands = (): Command[] => [
  command<[string], { alias: string }>(
    'promote <model>',
    'point an alias at a version',
    aliasOption,
    async (terminal, { alias }, model) =>
      (await import('../registry/promote.js')).promoteModel(terminal, model, alias),
  ),
  command<[string], { alias: string }>(
    'rollback <name>',
    'point an alias back at the version before',
    aliasOption,
    async (terminal, { alias }, name) =>
      (await import('../registry/promote.js')).rollbackModel(terminal, name, alias),
  ),
  command<[string], { alias: string }>(
    'history <name>',
    'where an alias pointed, since when, and who moved it',
    aliasOption,
    async (terminal, { alias }, name) =>
      (await import('../registry/promote.js')).showHistory(terminal, name, alias),
  ),
  command<[string], { alias: string; approval?: boolean; min: string[]; max: string[]; off?: boolean }>(
    'protect <name>',
    'say what a version must have before it takes an alias; without options, what that is now',
    (c) =>
      aliasOption(c)
        .option('--approval', 'an approval, of its run or by temper models approve')
        .option('--min <metric=value>', 'a metric of the test split must be at least this', collect, [])
        .option('--max <metric=value>', 'a metric of the test split may be at most this', collect, [])
        .option('--off', 'nothing: every version may take it'),
    async (terminal, options, name) =>
      (await import('../registry/protect.js')).protectAlias(terminal, name, options),
  ),
  command<[string], { comment?: string }>(
    'approve <model>',
    'let a version take protected aliases',
    (c) => c.option('--comment <text>', 'why'),
    async (terminal, { comment }, model) =>
      (await import('../registry/protect.js')).approveModel(terminal, model, comment),
  ),
  command<[string], { key?: string }>(
    'sign <model>',
    'sign a version, as the publish stage does where its worker has a key',
    (c) => c.option('--key <file>', 'private key; default TEMPER_SIGNING_KEY_FILE'),
    async (terminal, { key }, model) => (await import('../registry/sign.js')).signModel(terminal, model, key),
  ),
  command<[string]>(
    'verify <model>',
    'read every byte of a version, and hold it to its signature (TEMPER_TRUSTED_KEYS)',
    () => {},
    async (terminal, _, model) => (await import('../registry/sign.js')).verifyModel(terminal, model),
  ),
];

const collect = (value: string, before: string[]) => [...before, value];
