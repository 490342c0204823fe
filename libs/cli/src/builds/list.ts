import { table } from '../report/table.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

const meaning = {
  unknown: '',
  created: 'no worker of it has polled',
  inactive: 'never had a run; temper builds set-current starts new runs on it',
  current: 'new runs start here',
  ramping: 'on trial',
  draining: 'its workers are still needed',
  drained: 'its workers may go',
} as const;

export async function listBuilds(terminal: Terminal): Promise<void> {
  await using session = await openSession(terminal);
  const builds = await session.client.builds.list();
  terminal.answer(builds, () => {
    if (!builds.length)
      return terminal.say('no builds; workers started with temper worker --build-id make one');
    const rows = builds.map((b) => [
      b.build,
      b.percentage === undefined ? b.status : `${b.status} ${b.percentage}%`,
      String(b.runs),
      meaning[b.status],
    ]);
    terminal.say(table(['build', 'status', 'runs', ''], rows, { right: [2] }));
  });
}
