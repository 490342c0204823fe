import { pc } from '../style.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

export async function cancelRun(terminal: Terminal, runId: string): Promise<void> {
  await using session = await openSession(terminal);
  await session.client.cancel(runId);
  terminal.answer({ runId, status: 'cancelling' }, () => {
    terminal.say(`${pc.yellow('■')} ${runId} is being cancelled`);
    terminal.note(`temper runs retry ${runId} would go on from its last checkpoint, where it has one`);
  });
}
