import pc from 'picocolors';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

export async function showSchedule(terminal: Terminal, id: string): Promise<void> {
  await using session = await openSession(terminal);
  const schedule = await session.client.schedules.show(id);
  terminal.answer(schedule, () => {
    terminal.say(`${pc.bold(schedule.id)}  ${schedule.times}${schedule.paused ? pc.yellow('  paused') : ''}`);
    for (const time of schedule.next) terminal.say(`  next  ${time}`);
    for (const run of schedule.recent) terminal.say(`  ran   ${run.at}  ${run.runId}`);
  });
}
