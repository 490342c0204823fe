import { newScheduleProblems, type ScheduleOptions } from '@temper/client';
import { pc } from '../style.js';
import { preflight, preflightInStore } from '../preflight/preflight.js';
import { uncheckedWhere } from '../elsewhere/here.js';
import { storeSources } from '../elsewhere/store-sources.js';
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
  const { input, ...checked } = await withProblems(newScheduleProblems(options), check);
  for (const line of checked.warnings) terminal.warn(line);
  await using session = await openSession(terminal);
  const { spec: found, unseen } = await preflightInStore(input, checked);
  const { spec, stored } = await storeSources(terminal, session, found);
  const more = { ...options, id, ...uncheckedWhere(unseen) };
  const created = await session.client.schedules.create(spec, more);
  sayWhatStays(terminal, stored, options);
  terminal.answer(shownSchedule(created), () => {
    terminal.say(`${pc.green('✔')} schedule ${pc.bold(created.id)}, ${created.times}, ${created.timezone}`);
    printNext(terminal, created, 1);
    if (session.temporary) terminal.note('  it starts runs only while temper up is running here');
  });
}

/** A schedule reads its sources again at each start; a copy stays what it was. */
export function sayWhatStays(
  terminal: Terminal,
  stored: readonly string[],
  { onlyNewData }: ScheduleOptions,
): void {
  const data = stored.filter((path) => path.startsWith('dataset.'));
  if (!data.length) return;
  const never = onlyNewData ? ', and with --only-new-data they train once' : '';
  terminal.warn(
    `${data.join(', ')}: on this machine alone, so every run reads what was stored of it just now${never}; name s3://…, https://… or a path of the workers for rows that change`,
  );
}
