import { table } from '../report/table.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

export async function listSchedules(terminal: Terminal): Promise<void> {
  await using session = await openSession(terminal);
  const schedules = await session.client.schedules.list();
  terminal.answer(schedules, () => {
    if (!schedules.length)
      return terminal.say('no schedules; temper schedule create SPEC --cron "0 3 * * *" makes one');
    const rows = schedules.map((s) => [
      s.id,
      s.times,
      s.paused ? 'paused' : (s.next[0] ?? ''),
      s.recent.at(-1)?.runId ?? '',
    ]);
    terminal.say(table(['schedule', 'times', 'next', 'last run'], rows));
  });
}
