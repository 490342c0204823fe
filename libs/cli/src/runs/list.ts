import type { ListRuns } from '@temper/client';
import { usageError } from '../failure.js';
import { ago, duration } from '../report/format.js';
import { table } from '../report/table.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

const statuses = ['running', 'completed', 'failed', 'cancelled'] as const;

export async function listRuns(
  terminal: Terminal,
  options: { pipeline?: string; sweep?: string; status?: string; limit: string },
): Promise<void> {
  const status = statuses.find((s) => s === options.status);
  if (options.status && !status) {
    throw usageError('--status', 'no such status', { found: options.status, allowed: statuses.join(', ') });
  }
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1) {
    throw usageError('--limit', 'not a number of runs', { found: options.limit });
  }
  await using session = await openSession(terminal);
  const wanted: ListRuns = { pipeline: options.pipeline, sweep: options.sweep, status, limit };
  const runs = await session.client.list(wanted);
  terminal.answer(runs, () => {
    if (!runs.length) return terminal.say('no runs yet; temper quickstart makes one');
    const rows = runs.map((r) => [
      r.runId,
      r.status,
      r.status === 'running' ? (r.stage ?? '') : '',
      ago(r.startedAt),
      duration(r.seconds),
      r.model ?? '',
    ]);
    terminal.say(table(['run', 'status', 'stage', 'started', 'took', 'model'], rows, { right: [4] }));
  });
}
