import { milliseconds } from '@temper/client';
import pc from 'picocolors';
import { usageError } from '../failure.js';
import { preflight, preflightInStore } from '../preflight/preflight.js';
import { openSession } from '../services/session.js';
import { loadSpec } from '../spec/read.js';
import type { Terminal } from '../terminal.js';

export interface CreateOptions {
  readonly cron?: string;
  readonly every?: string;
  readonly timezone?: string;
  readonly id?: string;
  readonly set: readonly string[];
}

export async function createSchedule(
  terminal: Terminal,
  file: string,
  options: CreateOptions,
): Promise<void> {
  const { cron, every, timezone, id } = options;
  if ((cron === undefined) === (every === undefined)) {
    throw usageError('temper schedule create', 'say when', { allowed: 'either --cron or --every' });
  }
  if (every !== undefined) milliseconds(every);
  const { spec } = await preflight(await loadSpec(file, options.set));
  await using session = await openSession(terminal);
  await preflightInStore(spec);
  const created = await session.client.schedules.create(spec, { cron, every, timezone }, id);
  terminal.answer(created, () => {
    terminal.say(`${pc.green('✔')} schedule ${pc.bold(created.id)}, ${created.times}`);
    if (created.next[0]) terminal.say(`  next run ${created.next[0]}`);
    if (session.temporary) terminal.note('  it starts runs only while temper up is running here');
  });
}
