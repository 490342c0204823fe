import type { ScheduleInfo } from '@temper/client';
import { pc } from '../style.js';
import { table } from '../report/table.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';
import { shownSchedule } from './show.js';
import { localTime, until } from './time.js';

export async function listSchedules(terminal: Terminal): Promise<void> {
  await using session = await openSession(terminal);
  const schedules = await session.client.schedules.list();
  terminal.answer(schedules.map(shownSchedule), () => {
    if (!schedules.length)
      return terminal.say('no schedules; temper schedule create SPEC --cron "0 3 * * *" makes one');
    terminal.say(table(['schedule', 'times', 'overlap', 'next', 'last run', '', 'note'], schedules.map(row)));
  });
}

function row(s: ScheduleInfo): string[] {
  const last = s.recent.at(-1);
  return [
    s.id,
    `${s.times}, ${s.timezone}`,
    s.overlap,
    s.paused
      ? pc.yellow('paused')
      : s.next[0]
        ? `${localTime(s.next[0], s.timezone)} ${until(s.next[0])}`
        : 'never',
    last ? localTime(last.at, s.timezone) : '',
    last?.status ?? '',
    s.note ?? '',
  ];
}
