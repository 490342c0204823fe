import { Command } from 'commander';
import { command } from '../define.js';

export function registerKeys(program: Command): void {
  const keys = new Command('keys').description('keys that models are signed with');
  keys.addCommand(
    command<[], { name: string }>(
      'create',
      'make a key pair: a private key for its owner alone, and the public key beside it',
      (c) => c.option('--name <name>', 'what the files are called', 'signing'),
      async (terminal, { name }) => (await import('../registry/sign.js')).makeKeys(terminal, name),
    ),
  );
  program.addCommand(keys);
}
