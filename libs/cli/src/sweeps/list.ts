import { usageError } from '../failure.js';
import { ago, duration } from '../report/format.js';
import { table } from '../report/table.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

export async function listSweeps(terminal: Terminal, most: string): Promise<void> {
  const limit = Number(most);
  if (!Number.isInteger(limit) || limit < 1) {
    throw usageError('--limit', 'not a number of sweeps', { found: most });
  }
  await using session = await openSession(terminal);
  const sweeps = await session.client.sweeps.list(limit);
  terminal.answer(sweeps, () => {
    if (!sweeps.length) return terminal.say('no sweeps yet; docs/sweeps.md has one to start from');
    const rows = sweeps.map((s) => [
      s.sweepId,
      s.status,
      s.pipeline,
      ago(s.startedAt),
      duration(s.seconds),
      s.model ?? '',
    ]);
    terminal.say(table(['sweep', 'status', 'pipeline', 'started', 'took', 'model'], rows, { right: [4] }));
  });
}
