import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readableLine, type LogRecord } from '@temper/telemetry';
import { logFolder } from '../services/home.js';
import type { Terminal } from '../terminal.js';

/** What this folder's workers logged about a run, oldest first; with `--json` their records. */
export async function showLogs(terminal: Terminal, runId: string, options: { lines: string }): Promise<void> {
  const folder = logFolder();
  const files = (await readdir(folder).catch(() => [])).filter((f) => f.startsWith('worker-'));
  const found: LogRecord[] = [];
  for (const file of files) {
    for await (const line of createInterface({ input: createReadStream(join(folder, file)) })) {
      if (!line.includes(runId)) continue;
      const record = recordOf(line);
      if (record?.run === runId) found.push(record);
    }
  }
  // Each worker has its file.
  found.sort((a, b) => a.time - b.time);
  const last = found.slice(-Math.max(1, Number(options.lines) || 200));
  terminal.answer(last, () => {
    for (const record of last) terminal.say(readableLine(record, { withRun: false }));
    if (!last.length) terminal.say(`no worker of this folder (${folder}) logged anything about ${runId}`);
  });
}

/** A worker that died in the middle of a line leaves half of one. */
function recordOf(line: string): LogRecord | undefined {
  try {
    return JSON.parse(line) as LogRecord;
  } catch {
    return undefined;
  }
}
