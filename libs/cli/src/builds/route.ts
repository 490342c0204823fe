import { pc } from '../style.js';
import { usageError } from '../failure.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

export async function setCurrentBuild(terminal: Terminal, build: string): Promise<void> {
  await using session = await openSession(terminal);
  await session.client.builds.setCurrent(build);
  terminal.answer({ build, status: 'current' }, () => {
    terminal.say(`${pc.green('✔')} new runs start on build ${build}; those that go on stay on theirs`);
    terminal.note('  temper builds list says when the workers of another build may go');
  });
}

export async function rampBuild(terminal: Terminal, build: string, percentage: string): Promise<void> {
  const percent = Number(percentage);
  if (!(percent >= 0 && percent <= 100)) {
    throw usageError('--percentage', 'not a percentage', { found: percentage, allowed: '0 to 100' });
  }
  await using session = await openSession(terminal);
  await session.client.builds.ramp(build, percent);
  terminal.answer({ build, percentage: percent }, () => {
    terminal.say(`${pc.green('✔')} ${percent}% of the new runs start on build ${build}`);
    if (percent > 0) terminal.note(`  temper builds ramp ${build} --percentage 0 ends the trial`);
  });
}
