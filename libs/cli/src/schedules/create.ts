import { newScheduleProblems, type ScheduleOptions } from '@temper/client';
import { pc } from '../style.js';
import { preflight, preflightInStore } from '../preflight/preflight.js';
import { openSession } from '../services/session.js';
import { loadSpec } from '../spec/read.js';
import type { Terminal } from '../terminal.js';
import { withProblems } from './problems.js';
import { printNext, shownSchedule } from './show.js';

export interface CreateOptions {
  readonly id: string | undefined;
  readonly set: readonly string[];
  readonly options: ScheduleOptions;
}

export async function createSchedule(
  terminal: Terminal,
  file: string,
  { id, set, options }: CreateOptions,
): Promise<void> {
  const check = async () => {
    const input = await loadSpec(file, set);
    return { input, ...(await preflight(input)) };
  };
  const { input, spec: checked, warnings } = await withProblems(newScheduleProblems(options), check);
  for (const line of warnings) terminal.warn(line);
  await using session = await openSession(terminal);
  const spec = await preflightInStore(input, checked);
  const created = await session.client.schedules.create(spec, { ...options, id });
  terminal.answer(shownSchedule(created), () => {
    terminal.say(`${pc.green('✔')} schedule ${pc.bold(created.id)}, ${created.times}, ${created.timezone}`);
    printNext(terminal, created, 1);
    if (session.temporary) terminal.note('  it starts runs only while temper up is running here');
  });
}
