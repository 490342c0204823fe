import type { VersionComparison } from '@temper/client';
import { visibleLine } from '@temper/contracts';
import { metric } from '../report/format.js';
import { table } from '../report/table.js';
import { openSession } from '../services/session.js';
import { megabytes } from '../store/bytes.js';
import { pc } from '../style.js';
import type { Terminal } from '../terminal.js';

/** Two versions side by side: what they were made from and by, and how good they are. */
export async function compareModels(terminal: Terminal, a: string, b: string): Promise<void> {
  await using session = await openSession(terminal);
  const comparison = await session.client.compare(a, b);
  terminal.answer(comparison, () => show(terminal, comparison));
}

const names: Readonly<Record<keyof VersionComparison['madeFrom'], string>> = {
  dataset: 'data set',
  tokens: 'tokens',
  base: 'base model',
  adapter: 'adapter at the start',
  engine: 'engine',
  code: 'train stage',
};

function show(
  terminal: Terminal,
  { a, b, weights, bytes, madeFrom, spec, metrics }: VersionComparison,
): void {
  const mark = (equal: boolean) => (equal ? pc.green('=') : pc.yellow('≠'));
  terminal.say(`${mark(weights.equal)} ${weights.equal ? 'equal' : 'different'} weights`);
  terminal.say();
  const made = Object.entries(madeFrom) as [keyof typeof names, { a?: string; b?: string; equal: boolean }][];
  terminal.say(
    table(
      ['', 'made from', a, b],
      [
        ...made
          .filter(([, pair]) => pair.a !== undefined || pair.b !== undefined)
          .map(([what, pair]) => [
            mark(pair.equal),
            names[what],
            short(pair.a),
            pair.equal ? '' : short(pair.b),
          ]),
        [mark(bytes.equal), 'size', megabytes(bytes.a!), bytes.equal ? '' : megabytes(bytes.b!)],
      ],
    ),
  );
  terminal.say();
  if (!spec) terminal.warn('the spec of one of them is not kept any more');
  else if (!spec.length) terminal.say('equal specs');
  else
    terminal.say(
      table(
        ['spec', a, b],
        spec.map((field) => [field.path, value(field.a), value(field.b)]),
      ),
    );
  for (const [split, pairs] of Object.entries(metrics)) {
    terminal.say();
    const rows = Object.entries(pairs).map(([name, pair]) => [
      name,
      metric(pair.a),
      metric(pair.b),
      pair.difference === undefined ? '' : `${pair.difference < 0 ? '' : '+'}${metric(pair.difference)}`,
    ]);
    terminal.say(table([split, a, b, 'difference'], rows, { right: [1, 2, 3] }));
  }
}

/** A digest by its first digits: there is `--json` for all of them. */
const short = (text = '–') => (text.startsWith('sha256:') ? text.slice(0, 19) : text);
const value = (of: unknown) => (of === undefined ? '–' : visibleLine(JSON.stringify(of)));
