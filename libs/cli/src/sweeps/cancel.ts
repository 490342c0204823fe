import { pc } from '../style.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

export async function cancelSweep(terminal: Terminal, sweepId: string): Promise<void> {
  await using session = await openSession(terminal);
  await session.client.sweeps.cancel(sweepId);
  terminal.answer({ sweepId, status: 'cancelling' }, () => {
    terminal.say(`${pc.yellow('■')} ${sweepId} and its running trials are being cancelled`);
    terminal.note('rungs that were finished stay in the cache: an equal sweep finds them');
  });
}
