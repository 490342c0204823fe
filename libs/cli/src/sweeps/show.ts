import { pc } from '../style.js';
import { ago, duration } from '../report/format.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';
import { countWords, printSweep, trialTable } from './table.js';

export async function showSweep(terminal: Terminal, sweepId: string): Promise<void> {
  await using session = await openSession(terminal);
  const { info, progress, result } = await session.client.sweeps.show(sweepId);
  terminal.answer({ ...info, progress, result }, () => {
    terminal.say(`${pc.bold(sweepId)}  ${info.status}`);
    terminal.say(`  started ${ago(info.startedAt)}, ${duration(info.seconds)}`);
    if (result) return printSweep(terminal, result);
    if (!progress) return terminal.say(`${pc.yellow('!')} no worker answers, so the sweep waits`);
    terminal.say(`  ${countWords(progress.counts)}`);
    terminal.say();
    if (progress.trials.length) terminal.say(trialTable(progress));
    terminal.note(`temper sweep cancel ${sweepId} ends it`);
  });
}
