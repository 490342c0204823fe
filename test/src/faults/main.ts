// npm run test:faults -- [--quick] [--only NAME,…] [--output FILE.json]
// Faults, one after the other, on real servers and processes. Prints a line a row and then the report; exits with 1
// where a row does not hold. The report is written as JSON and, beside it, as Markdown.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { markdownOf, type RowReport } from './report.js';
import { Rig } from './rig.js';
import { Skipped, type Row } from './row.js';
import { rows } from './rows/index.js';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    output: { type: 'string', default: '.temper/faults.json' },
  },
});
const say = (text: string) => process.stderr.write(`${text}\n`);

const wanted = values.only?.split(',');
const unknown = wanted?.filter((name) => !rows.some((row) => row.name === name)) ?? [];
if (unknown.length) {
  say(`no such row: ${unknown.join(', ')}; there are ${rows.map((row) => row.name).join(', ')}`);
  process.exit(2);
}
Runtime.install({ logger: new DefaultLogger('ERROR') });

async function report(row: Row, rig: Rig): Promise<RowReport> {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 100) / 10;
  try {
    const outcome = await row.run(rig, { quick: values.quick });
    return { name: row.name, result: 'held', ...outcome, seconds: seconds() };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof Skipped) return { name: row.name, result: 'skipped', why, seconds: seconds() };
    say(error instanceof Error ? (error.stack ?? why) : why);
    return { name: row.name, result: 'did not hold', why, seconds: seconds() };
  }
}

const reports: RowReport[] = [];
{
  await using rig = await Rig.start();
  for (const row of rows.filter(({ name }) => !wanted || wanted.includes(name))) {
    const made = await report(row, rig);
    reports.push(made);
    say(`${made.result.padEnd(12)} ${made.name} (${made.seconds} s) ${made.held ?? made.why ?? ''}`);
  }
}

const output = resolve(values.output);
await mkdir(dirname(output), { recursive: true });
await writeFile(output, `${JSON.stringify({ quick: values.quick, rows: reports }, null, 2)}\n`);
const table = markdownOf(reports);
await writeFile(output.replace(/(\.json)?$/, '.md'), `${table}\n`);
process.stdout.write(`\n${table}\n\n${output}\n`);
process.exit(reports.some((row) => row.result === 'did not hold') ? 1 : 0);
