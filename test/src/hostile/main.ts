// npm run test:hostile [-- --parser NAME] [--seed SEED] [--inputs N] [--processes N] [--case N]
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { TemperError } from '@temper/contracts';
import type { Parser } from './parser.js';
import { parsers } from './parsers/index.js';
import { inputOf, writeInput } from './run-case.js';
import { runParser, type Summary } from './run-parser.js';

const { values } = parseArgs({
  options: {
    parser: { type: 'string' },
    seed: { type: 'string', default: '1' },
    inputs: { type: 'string' },
    processes: { type: 'string' },
    case: { type: 'string' },
  },
});
const chosen = parsers.filter(({ name }) => values.parser === undefined || name === values.parser);
if (!chosen.length) {
  console.error(`no parser ${values.parser}; there are ${parsers.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
process.exit(values.case === undefined ? await runAll() : await runOne(chosen[0]!, Number(values.case)));

/** Two parsers at a time. Returns the exit status. */
async function runAll(): Promise<number> {
  const started = performance.now();
  // The longest first, so that the end is not waited for by one alone.
  const queue = [...chosen].sort((a, b) => a.inputs - b.inputs);
  const summaries: Summary[] = [];
  const line = async () => {
    for (let parser = queue.shift(); parser; parser = queue.shift()) {
      const asked = (parser.elsewhere && values.processes) || values.inputs;
      const inputs = asked === undefined ? parser.inputs : Number(asked);
      const summary = await runParser(parser, values.seed, inputs);
      summaries.push(summary);
      print(summary);
    }
  };
  await Promise.all([line(), line()]);
  const sum = (of: (summary: Summary) => number) => summaries.reduce((total, one) => total + of(one), 0);
  const crashes = sum((s) => s.crashes.length);
  const breaches = sum((s) => s.breaches.length);
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(
    `in all: ${sum((s) => s.tried).toLocaleString('en')} inputs tried, crashes ${crashes}, ` +
      `limit breaches ${breaches}, in ${seconds} s; seed ${values.seed}`,
  );
  return crashes || breaches ? 1 : 0;
}

function print({ parser, tried, crashes, breaches, slowest, largest, seconds }: Summary): void {
  console.log(
    `${parser.padEnd(12)} ${tried.toLocaleString('en').padStart(7)} inputs tried, crashes ${crashes.length}, ` +
      `limit breaches ${breaches.length}, slowest ${Math.round(slowest.ms)} ms (case ${slowest.case}), ` +
      `largest ${Math.round(largest.bytes / 2 ** 20)} MB (case ${largest.case}), ${Math.round(seconds)} s`,
  );
  for (const { case: number, what } of [...crashes, ...breaches].slice(0, 20)) {
    const again = `npm run test:hostile -- --parser ${parser} --seed ${values.seed} --case ${number}`;
    console.log(`  ✖ ${what.split('\n').slice(0, 4).join('\n    ')}\n    ${again}`);
  }
}

/** One case in this process: its input is kept, and what came of it is printed whole. */
async function runOne(parser: Parser, number: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), `temper-hostile-${parser.name}-${number}-`));
  const input = inputOf(parser, values.seed, number);
  await writeInput(input, folder);
  const { files = {}, ...rest } = input;
  console.log(`${folder}: ${Object.keys(files).join(', ')}\n${JSON.stringify(rest).slice(0, 2_000)}`);
  const started = performance.now();
  const outcome = await parser.read(input, folder).catch((error: unknown) => error);
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(`${Math.round(performance.now() - started)} ms, ${peak} MB at the peak of the process`);
  console.log(outcome instanceof TemperError ? `${outcome.code}: ${outcome.message}` : outcome);
  return outcome instanceof Error && !(outcome instanceof TemperError) ? 1 : 0;
}
