import { pc } from '../style.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

export async function promoteModel(terminal: Terminal, reference: string, alias: string): Promise<void> {
  await using session = await openSession(terminal);
  const promoted = await session.client.models.promote(reference, alias);
  const { name, version, previous } = promoted;
  terminal.answer(promoted, () => {
    terminal.say(`${pc.green('✔')} ${name}@${alias} is version ${version}`);
    if (previous) terminal.note(`it was ${previous}; temper models promote ${name}:${previous}`);
  });
}
