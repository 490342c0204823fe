import type { Promotion } from '@temper/client';
import { pc } from '../style.js';
import { table } from '../report/table.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

export async function promoteModel(terminal: Terminal, reference: string, alias: string): Promise<void> {
  await using session = await openSession(terminal);
  say(terminal, await session.client.models.promote(reference, alias));
}

export async function rollbackModel(terminal: Terminal, name: string, alias: string): Promise<void> {
  await using session = await openSession(terminal);
  say(terminal, await session.client.models.rollback(name, alias));
}

function say(terminal: Terminal, moved: Promotion): void {
  const { name, alias, version, previous } = moved;
  terminal.answer(moved, () => {
    terminal.say(`${pc.green('✔')} ${name}@${alias} is version ${version}`);
    if (previous) {
      const which = alias === 'production' ? '' : ` --alias ${alias}`;
      terminal.note(`it was ${previous}; temper models rollback ${name}${which}`);
    }
  });
}

export async function showHistory(terminal: Terminal, name: string, alias: string): Promise<void> {
  await using session = await openSession(terminal);
  const moves = await session.client.models.history(name, alias);
  terminal.answer({ name, alias, moves }, () =>
    terminal.say(
      table(
        [`${name}@${alias}`, 'since', 'moved by'],
        moves.map(({ version, movedAt, movedBy = 'not recorded' }) => [`${version}`, movedAt, movedBy]),
      ),
    ),
  );
}
