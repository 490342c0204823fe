import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { logFolder } from '../services/home.js';
import type { Terminal } from '../terminal.js';

/** Workers log JSON lines; those that name the run. */
export async function showLogs(terminal: Terminal, runId: string, options: { lines: string }): Promise<void> {
  const folder = logFolder();
  const files = (await readdir(folder).catch(() => [])).filter((f) => f.startsWith('worker-'));
  const found: string[] = [];
  for (const file of files) {
    for await (const line of createInterface({ input: createReadStream(join(folder, file)) })) {
      if (line.includes(runId)) found.push(line);
    }
  }
  const last = found.slice(-Math.max(1, Number(options.lines) || 200));
  if (terminal.json) process.stdout.write(`${JSON.stringify(last)}\n`);
  else if (last.length) for (const line of last) terminal.say(line);
  else terminal.say(`no worker of this folder (${folder}) logged anything about ${runId}`);
}
