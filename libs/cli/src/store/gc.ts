import { join } from 'node:path';
import { runState } from '@temper/client';
import { parseAge, type CollectedGroup } from '@temper/contracts';
import { cacheFolder, vacuumStore } from '@temper/services';
import {
  collectGarbage,
  pruneLocalCaches,
  summaryOf,
  type CollectReport,
  type RemovedEntry,
} from '@temper/storage';
import { usageError } from '../failure.js';
import { table } from '../report/table.js';
import { openSession, type Session } from '../services/session.js';
import { pc } from '../style.js';
import type { Terminal } from '../terminal.js';
import { megabytes } from './bytes.js';
import { changeRetention } from './retention.js';

export interface GcFlags {
  readonly dryRun?: boolean;
  readonly list?: boolean;
  readonly grace?: string;
  readonly retention?: readonly string[];
  readonly schedule?: string;
  readonly timezone?: string;
  readonly queue?: string;
}

export async function gc(terminal: Terminal, flags: GcFlags) {
  const { dryRun = false, list = false, grace = '1h', retention = [], schedule, timezone, queue } = flags;
  if (schedule !== undefined) return (await import('./gc-schedule.js')).scheduleGc(terminal, schedule, flags);
  if (timezone !== undefined || queue !== undefined)
    throw usageError(timezone === undefined ? '--queue' : '--timezone', 'of which schedule?', {
      allowed: 'together with --schedule',
    });
  parseAge(grace, '--grace');
  await using session = await openSession(terminal);
  if (retention.length) await changeRetention(session.store, retention);
  const report = await collectStore(session, { dryRun, grace });
  if (report.busy) {
    terminal.answer({ busy: report.busy }, () =>
      terminal.say(`another collection is at work: number ${report.busy!.epoch}, by ${report.busy!.by}`),
    );
    return;
  }
  const machine = dryRun ? [] : await pruneMachine(session, [cacheFolder()]);
  if (!dryRun && session.embedded) await giveBack(session, report);
  const answer = { ...summaryOf(report), ...(list ? { objects: report.verdicts } : {}), machine };
  terminal.answer(answer, () => {
    show(terminal, report, list);
    for (const { name, bytes, why } of machine)
      terminal.say(`removed here: ${name}  ${megabytes(bytes)}  ${why}`);
  });
}

/** At the end of a command that is all that somebody did with a store of their own: what it left over goes. */
export async function tidyUp(terminal: Terminal, session: Session): Promise<void> {
  if (!session.embedded) return;
  const report = await collectStore(session, {});
  if (report.busy) return;
  const machine = await pruneMachine(session, []);
  await giveBack(session, report);
  const here = machine.reduce((sum, { bytes }) => sum + bytes, 0);
  const removed = summaryOf(report).bytes.removed + here;
  if (removed)
    terminal.note(`${megabytes(removed)} that nothing needs any more are removed, as temper gc does`);
}

export const collectStore = (
  { store, client }: Pick<Session, 'store' | 'client'>,
  options: { readonly dryRun?: boolean; readonly grace?: string },
): Promise<CollectReport> =>
  collectGarbage(store, { ...options, stateOf: (runId) => runState(client.temporal, runId), by: byWhom() });

/** What is kept is all that the embedded store has. */
const giveBack = (session: Session, report: CollectReport) =>
  vacuumStore(session.home, { live: summaryOf(report).bytes.after });

/** `fetched`: for all projects of the user. */
const pruneMachine = (
  { home, client }: Pick<Session, 'home' | 'client'>,
  fetched: readonly string[],
): Promise<RemovedEntry[]> =>
  pruneLocalCaches({
    home,
    fetched: [join(home, 'fetched'), ...fetched],
    stateOf: (runId) => runState(client.temporal, runId),
  });

const byWhom = () => `temper gc, process ${process.pid}`;

function show(terminal: Terminal, report: CollectReport, list: boolean): void {
  const { bytes, kept, removed, missing } = summaryOf(report);
  const verb = report.dryRun ? 'would be removed' : 'removed';
  const rows = (found: readonly CollectedGroup[]) =>
    found.map(({ why, objects, bytes }) => [megabytes(bytes), String(objects), why]);
  const head = ['size', 'objects', 'why'];
  terminal.say(pc.bold(`kept: ${megabytes(bytes.after)}`));
  terminal.say(table(head, rows(kept), { right: [0, 1] }));
  terminal.say(pc.bold(`${verb}: ${megabytes(bytes.removed)}`));
  if (removed.length) terminal.say(table(head, rows(removed), { right: [0, 1] }));
  for (const { key, why } of missing) terminal.warn(`${key} is missing: ${why}`);
  if (!list) return;
  for (const { key, bytes, kept, why } of report.verdicts) {
    terminal.say(`${kept ? 'keep  ' : 'remove'} ${key}  ${megabytes(bytes)}  ${why}`);
  }
}
