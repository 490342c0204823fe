import type { RunSnapshot } from '@temper/client';
import type { RunResult, RunStatus } from '@temper/contracts';
import { pc } from '../style.js';
import { OutageWords, patience, snapshotsOf } from './outage.js';
import { createReporter, type Reporter } from '../progress/reporter.js';
import { printResult } from '../report/result.js';
import { keptOf } from '../runs/kept.js';
import type { Session } from '../services/session.js';
import type { Terminal } from '../terminal.js';

/**
 * Shows a run until it ends; Ctrl-C ends the watching, not the run. What then becomes of the run depends on who
 * owns the servers and is said. Undefined when interrupted.
 */
export async function followRun(
  terminal: Terminal,
  session: Session,
  runId: string,
  { answer = true }: { readonly answer?: boolean } = {},
): Promise<RunResult | undefined> {
  terminal.say(`run ${pc.bold(runId)}`);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const reporter = createReporter(terminal);
  const outage = new OutageWords(terminal, reporter);
  const snapshots = snapshotsOf(session, (client) =>
    client.follow(runId, { signal: interrupted.signal, patience: patience() }),
  );
  let waits: RunStatus | undefined;
  let last: RunSnapshot | undefined;
  try {
    for await (const snapshot of snapshots) {
      outage.tell(snapshot.lostSince);
      last = snapshot;
      if (snapshot.lostSince && !snapshot.result) continue;
      reporter.show(snapshot);
      const status = snapshot.progress?.status;
      if (status !== waits) sayThatItWaits(terminal, reporter, runId, status);
      waits = status;
      if (!snapshot.result) continue;
      reporter.done();
      const { result } = snapshot;
      printResult(terminal, result);
      if (answer) terminal.answer(result, () => sayWhereToLook(terminal, session, runId));
      return result;
    }
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
  reporter.done();
  sayWhatBecomesOfIt(terminal, session, { runId, kept: keptOf(last) });
  return undefined;
}

/** A run that waits for a person would else look like one that hangs. */
function sayThatItWaits(terminal: Terminal, reporter: Reporter, runId: string, status?: RunStatus): void {
  if (status !== 'paused' && status !== 'awaiting-approval') return;
  reporter.done();
  if (status === 'paused') terminal.warn(`paused; temper runs resume ${runId} lets it go on`);
  else terminal.warn(`waits for approval: temper runs approve ${runId}, or temper runs reject ${runId}`);
}

function sayWhereToLook(terminal: Terminal, session: Session, runId: string): void {
  if (session.uiUrl && !session.temporary) terminal.note(`history: ${session.uiUrl}`);
  terminal.note(`temper runs show ${runId}   temper runs metrics ${runId}`);
}

function sayWhatBecomesOfIt(
  terminal: Terminal,
  session: Session,
  { runId, kept }: { readonly runId: string; readonly kept: string },
): void {
  terminal.say();
  if (session.temporary) {
    terminal.say(`${pc.yellow('■')} stopping; ${pc.bold(runId)} keeps ${kept}`);
    terminal.note(`temper runs retry ${runId} goes on, and so does the next temper up`);
  } else {
    terminal.say(`${pc.yellow('■')} no longer watching; ${pc.bold(runId)} goes on`);
    terminal.note(`temper runs show ${runId} tells how; temper runs cancel ${runId} ends it`);
  }
}
