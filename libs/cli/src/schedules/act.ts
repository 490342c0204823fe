import pc from 'picocolors';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

type Action = 'trigger' | 'pause' | 'resume' | 'delete';
const done: Record<Action, string> = {
  trigger: 'triggered',
  pause: 'paused',
  resume: 'resumed',
  delete: 'deleted',
};

export async function actOnSchedule(terminal: Terminal, action: Action, id: string): Promise<void> {
  await using session = await openSession(terminal);
  await session.client.schedules[action](id);
  terminal.answer({ id, action: done[action] }, () => {
    terminal.say(`${pc.green('✔')} ${id} ${done[action]}`);
    if (action !== 'trigger') return;
    terminal.note(
      session.temporary ? '  the run starts with the next temper up' : '  temper runs list shows the run',
    );
  });
}
