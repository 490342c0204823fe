import { changeProblems, type ScheduleOptions } from '@temper/client';
import { pc } from '../style.js';
import { usageError } from '../failure.js';
import { preflight, preflightInStore } from '../preflight/preflight.js';
import { storeSources } from '../elsewhere/store-sources.js';
import { openSession, type Session } from '../services/session.js';
import { applySetting, loadSpec } from '../spec/read.js';
import type { Terminal } from '../terminal.js';
import { sayWhatStays } from './create.js';
import { withProblems } from './problems.js';
import { printNext, shownSchedule } from './show.js';

export interface UpdateOptions {
  readonly spec: string | undefined;
  readonly set: readonly string[];
  readonly options: ScheduleOptions;
}

export async function updateSchedule(terminal: Terminal, id: string, update: UpdateOptions): Promise<void> {
  const { options, set, spec: file } = update;
  if (!file && !set.length && Object.values(options).every((value) => value === undefined)) {
    throw usageError(`temper schedule update ${id}`, 'say what to change', {
      allowed: 'see temper schedule update --help',
    });
  }
  await withProblems(changeProblems(options), async () => undefined);
  await using session = await openSession(terminal);
  const input = await newSpec(session, id, update);
  const checked = input && (await preflightInStore(input, await preflight(input)));
  const kept = checked && (await storeSources(terminal, session, checked.spec));
  const unchecked = checked && checked.unseen.length > 0;
  const changed = await session.client.schedules.update(id, { ...options, unchecked }, kept?.spec);
  if (kept) sayWhatStays(terminal, kept.stored, options);
  terminal.answer(shownSchedule(changed), () => {
    terminal.say(`${pc.green('✔')} ${pc.bold(id)} changed: ${changed.times}, ${changed.timezone}`);
    printNext(terminal, changed, 1);
  });
}

/** What was written in the file, or the schedule's own spec with other values; undefined where it stays as it is. */
async function newSpec(session: Session, id: string, { spec: file, set }: UpdateOptions) {
  if (file) return loadSpec(file, set);
  if (!set.length) return undefined;
  const { spec } = await session.client.schedules.show(id);
  const changed = structuredClone(spec ?? {}) as Record<string, unknown>;
  for (const setting of set) applySetting(changed, setting);
  return changed;
}
