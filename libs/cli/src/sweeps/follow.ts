import type { SweepResult } from '@temper/spec';
import { pc } from '../style.js';
import { OutageWords, patience, snapshotsOf } from '../pipeline/outage.js';
import type { Session } from '../services/session.js';
import type { Terminal } from '../terminal.js';
import { createSweepReporter } from './reporter.js';
import { printSweep } from './table.js';

/** Shows a sweep until it ends; Ctrl-C ends the watching, not the sweep. Undefined when interrupted. */
export async function followSweep(
  terminal: Terminal,
  session: Session,
  sweepId: string,
): Promise<SweepResult | undefined> {
  terminal.say(`sweep ${pc.bold(sweepId)}`);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const reporter = createSweepReporter(terminal);
  const outage = new OutageWords(terminal);
  const snapshots = snapshotsOf(session, (client) =>
    client.sweeps.follow(sweepId, { signal: interrupted.signal, patience: patience() }),
  );
  try {
    for await (const { progress, result, lostSince } of snapshots) {
      outage.tell(lostSince);
      if (progress) reporter.show(progress);
      if (!result) continue;
      printSweep(terminal, result);
      terminal.answer(result, () => terminal.note(`temper sweep show ${sweepId}   temper models list`));
      return result;
    }
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
  terminal.say();
  terminal.say(
    session.temporary
      ? `${pc.yellow('■')} stopping; ${pc.bold(sweepId)} keeps its state, and the next temper up goes on with it`
      : `${pc.yellow('■')} no longer watching; ${pc.bold(sweepId)} goes on`,
  );
  terminal.note(`temper sweep show ${sweepId} tells how; temper sweep cancel ${sweepId} ends it`);
  return undefined;
}
