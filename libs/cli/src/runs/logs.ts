import { readableLine, type LogRecord } from '@temper/telemetry';
import { RunStore } from '@temper/storage';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

/** What the workers logged about a run, on whatever machines they are, oldest first; with `--json` their records. */
export async function showLogs(terminal: Terminal, runId: string, options: { lines: string }): Promise<void> {
  await using session = await openSession(terminal);
  const found = await new RunStore(session.store).logs<LogRecord>(runId);
  // A run without a log may not exist: asking for it gives the right error.
  if (!found.length) await session.client.show(runId);
  const last = found.slice(-Math.max(1, Number(options.lines) || 200));
  terminal.answer(last, () => {
    for (const record of last) terminal.say(readableLine(record, { withRun: false }));
    if (!last.length) terminal.say(`no worker has said anything about ${runId} yet`);
  });
}
