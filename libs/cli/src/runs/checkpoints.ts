import type { CheckpointEntry } from '@temper/contracts';
import { headline } from '../registry/headline.js';
import { metric } from '../report/format.js';
import { table } from '../report/table.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

export async function listCheckpoints(terminal: Terminal, runId: string): Promise<void> {
  await using session = await openSession(terminal);
  const entries = await session.client.checkpoints(runId);
  // A run without checkpoints may not exist: asking for it gives the right error.
  if (!entries.length) await session.client.show(runId);
  const shown = entries.map(({ checkpoint, ...entry }) => ({ ...entry, ...checkpoint }));
  terminal.answer(shown, () => {
    if (!entries.length) return terminal.say('no checkpoints of its own: its training came from the cache');
    const head = ['step', 'loss', 'validation', 'digest'];
    terminal.say(table(head, entries.map(row), { right: [0, 1] }));
    terminal.note(
      `temper runs fork ${runId} --step N --set training.learningRate=… trains on from one of them`,
    );
  });
}

function row({ step, loss, evaluation, checkpoint }: CheckpointEntry): string[] {
  const measured = headline(evaluation ?? {}).map(([name, value]) => `${name} ${metric(value)}`);
  return [String(step), loss === undefined ? '' : metric(loss), measured.join('  '), checkpoint.digest];
}
