import { ago, metric } from '../report/format.js';
import { table } from '../report/table.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';
import { headline } from './headline.js';

export async function listModels(terminal: Terminal): Promise<void> {
  await using session = await openSession(terminal);
  const models = await session.client.models.list();
  terminal.answer(models, () => {
    if (!models.length) return terminal.say('nothing is published yet');
    const rows = models.flatMap(({ name, aliases, versions }) =>
      versions.toReversed().map((v) => [
        `${name}:${v.version}`,
        Object.keys(aliases)
          .filter((alias) => aliases[alias] === v.version)
          .join(', '),
        headline(v.metrics)
          .map(([key, value]) => `${key} ${metric(value)}`)
          .join('  '),
        ago(v.createdAt),
        v.runId,
      ]),
    );
    terminal.say(table(['model', 'aliases', 'test', 'published', 'run'], rows));
  });
}
