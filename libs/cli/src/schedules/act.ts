import { pc } from '../style.js';
import { openSession, type Session } from '../services/session.js';
import type { Terminal } from '../terminal.js';

type Schedules = Session['client']['schedules'];

async function act(
  terminal: Terminal,
  answer: { readonly id: string; readonly action: string } & Record<string, unknown>,
  work: (schedules: Schedules) => Promise<void>,
): Promise<void> {
  await using session = await openSession(terminal);
  await work(session.client.schedules);
  const { id, action } = answer;
  terminal.answer(answer, () => {
    terminal.say(`${pc.green('✔')} ${id} ${action}`);
    if (action !== 'triggered') return;
    const here = `  temper schedule show ${id} shows the runs`;
    terminal.note(session.temporary ? '  the runs start with the next temper up' : here);
  });
}

export const pauseOrResume = (
  terminal: Terminal,
  name: 'pause' | 'resume',
  id: string,
  { note }: { readonly note?: string },
) =>
  act(
    terminal,
    { id, action: name === 'pause' ? 'paused' : 'resumed', ...(note === undefined ? {} : { note }) },
    (schedules) => schedules[name](id, note),
  );

export const triggerSchedule = (terminal: Terminal, id: string, options: { readonly overlap?: string }) =>
  act(terminal, { id, action: 'triggered' }, (schedules) => schedules.trigger(id, options));

export const deleteSchedule = (terminal: Terminal, id: string) =>
  act(terminal, { id, action: 'deleted' }, (schedules) => schedules.delete(id));
