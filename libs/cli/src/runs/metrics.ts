import { isStep, visibleJson } from '@temper/contracts';
import { count, metric } from '../report/format.js';
import { table } from '../report/table.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

export async function showMetrics(terminal: Terminal, runId: string): Promise<void> {
  await using session = await openSession(terminal);
  const lines = await session.client.metrics(runId);
  // A run without metrics may not exist: asking for it gives the right error.
  if (!lines.length) await session.client.show(runId);
  if (terminal.json) {
    for (const line of lines) process.stdout.write(`${visibleJson(line)}\n`);
    return;
  }
  if (!lines.length) return terminal.say('no steps are logged yet');
  const rows = lines.map((line) =>
    isStep(line)
      ? [
          String(line.step),
          line.epoch.toFixed(2),
          'train',
          metric(line.loss),
          line.learningRate.toExponential(2),
          metric(line.gradNorm),
          count(line.tokens / (line.stepMs / 1000)),
          '',
        ]
      : [
          String(line.step),
          '',
          line.split,
          metric(line.loss),
          '',
          '',
          '',
          typeof line.f1 === 'number' ? `f1 ${metric(line.f1)}  accuracy ${metric(line.accuracy)}` : '',
        ],
  );
  const head = ['step', 'epoch', 'split', 'loss', 'rate', 'norm', 'tokens/s', ''];
  terminal.say(table(head, rows, { right: [0, 1, 3, 4, 5, 6] }));
}
