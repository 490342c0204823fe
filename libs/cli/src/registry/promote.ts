import { pc } from '../style.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

export async function promoteModel(terminal: Terminal, reference: string, alias: string): Promise<void> {
  await using session = await openSession(terminal);
  const { name, version } = await session.client.registry.resolve(reference);
  const target = await session.client.registry.moveAlias(name, alias, version);
  terminal.answer({ name, alias, version, previous: target.previous }, () => {
    terminal.say(`${pc.green('✔')} ${name}@${alias} is version ${version}`);
    if (target.previous)
      terminal.note(`it was ${target.previous}; temper models promote ${name}:${target.previous}`);
  });
}
