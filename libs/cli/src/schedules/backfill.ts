import { pc } from '../style.js';
import { countOption, usageError } from '../failure.js';
import { count } from '../report/format.js';
import { openSession, type Session } from '../services/session.js';
import type { Terminal } from '../terminal.js';
import { localTime } from './time.js';

export interface BackfillFlags {
  readonly from?: string;
  readonly to?: string;
  readonly overlap?: string;
  readonly maxStarts?: string;
  readonly preview?: boolean;
  readonly stop?: boolean;
}

export async function backfillSchedule(terminal: Terminal, id: string, flags: BackfillFlags): Promise<void> {
  if (!flags.stop && (flags.from === undefined || flags.to === undefined)) {
    throw usageError('temper schedule backfill', 'of which time?', { allowed: '--from and --to, or --stop' });
  }
  const maxStarts = mostStarts(flags.maxStarts);
  await using session = await openSession(terminal);
  await (flags.stop ? stop(terminal, session, id) : start(terminal, session, id, { ...flags, maxStarts }));
}

async function start(
  terminal: Terminal,
  session: Session,
  id: string,
  flags: Omit<BackfillFlags, 'maxStarts'> & { readonly maxStarts: number | undefined },
): Promise<void> {
  const { from, to, overlap, maxStarts, preview = false } = flags;
  const { schedules } = session.client;
  const options = { overlap, preview, maxStarts };
  const starts = await schedules.backfill(id, from!, to!, options);
  const { timezone } = await schedules.show(id);
  terminal.answer({ id, action: preview ? 'preview' : 'backfilled', from, to, starts }, () => {
    for (const time of starts) terminal.say(`  ${localTime(time, timezone)} ${timezone}`);
    const runs = `${count(starts.length)} run${starts.length === 1 ? '' : 's'}`;
    if (preview) return terminal.note(`  ${runs} would be started; without --preview they are`);
    terminal.say(`${pc.green('✔')} ${id} backfilled: ${runs}`);
    terminal.note(
      session.temporary
        ? '  the runs start with the next temper up'
        : `  temper schedule show ${id} shows the runs; temper schedule backfill ${id} --stop ends them`,
    );
  });
}

const mostStarts = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : countOption('--max-starts', text, 'starts');

async function stop(terminal: Terminal, session: Session, id: string): Promise<void> {
  const { ended, waiting } = await session.client.schedules.stopBackfill(id);
  terminal.answer({ id, action: 'backfill stopped', ended, waiting }, () => {
    terminal.say(
      `${pc.green('✔')} ${id}: ${ended.length ? `${count(ended.length)} runs ended` : 'no backfill runs'}`,
    );
    if (waiting) terminal.say(`${pc.yellow('!')} ${waiting} starts wait behind a run that is no backfill`);
  });
}
