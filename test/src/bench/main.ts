// npm run bench -- [--rows smollm2-lora,minilm-full] [--steps N] [--rounds N] [--quick] [--gsm8k FOLDER] [--against FOLDER] [--output FILE]
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder, startServices } from '@temper/services';
import { summarize, type Measurement } from './measurement.js';
import { pythonEnvironment } from './python.js';
import { lossesOf, resultOf, tableOf, type RowResult } from './report.js';
import { rows, type BenchRow } from './rows.js';
import { runTemper, trainerOf } from './temper-side.js';
import { runTorch } from './torch-side.js';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: Object.keys(rows).join(',') },
    steps: { type: 'string' },
    rounds: { type: 'string' },
    threads: { type: 'string', default: String(availableParallelism()) },
    quick: { type: 'boolean', default: false },
    /** Folder with train.jsonl and test.jsonl; or TEMPER_BENCH_GSM8K. */
    gsm8k: { type: 'string', default: process.env['TEMPER_BENCH_GSM8K'] },
    /** A built checkout of another commit, which takes its turn in each round. */
    against: { type: 'string' },
    output: { type: 'string', default: join('.temper', 'bench.json') },
  },
});
const threads = Number(values.threads);
const say = (text: string) => process.stderr.write(`${text}\n`);

const wanted = values.rows.split(',');
const unknown = wanted.filter((id) => !rows[id]);
if (unknown.length) {
  say(`no such row: ${unknown.join(', ')}; there are ${Object.keys(rows).join(', ')}`);
  process.exit(2);
}

const entry = trainerOf(join(import.meta.dirname, '../../..'));
const other = values.against === undefined ? undefined : trainerOf(resolve(values.against));
if (other !== undefined && !existsSync(other)) {
  say(`${other} is missing: --against names a checkout in which npm run build has run`);
  process.exit(2);
}

const folder = await mkdtemp(join(tmpdir(), 'temper-bench-'));
try {
  const python = await pythonEnvironment(cacheFolder(), say);
  await using services = await startServices({
    folder: join(folder, 'services'),
    temporary: true,
    report: say,
  });
  const results: RowResult[] = [];
  for (const id of wanted) {
    const made = await rows[id]!({ quick: values.quick, gsm8k: values.gsm8k, folder });
    if (!made) {
      say(`${id}: left out, no --gsm8k FOLDER with train.jsonl and test.jsonl`);
      continue;
    }
    const row: BenchRow = {
      ...made,
      steps: Number(values.steps ?? made.steps),
      rounds: Number(values.rounds ?? made.rounds),
    };
    // Interleaved, so that a change of the machine's speed meets both sides.
    const temper: Measurement[] = [];
    const torch: Measurement[] = [];
    const against: Measurement[] = [];
    for (let round = 1; round <= row.rounds; round++) {
      say(`${row.title}: round ${round} of ${row.rounds}`);
      const on = { services, threads, folder };
      temper.push(await runTemper(row, { ...on, entry }));
      if (other !== undefined) against.push(await runTemper(row, { ...on, entry: other }));
      torch.push(await runTorch(row, { python, threads, folder }));
    }
    const before = against.length ? summarize(against) : undefined;
    results.push(resultOf(row, summarize(temper), summarize(torch), before));
  }
  const machine = `${threads} threads of ${cpus()[0]?.model.trim() ?? 'an unknown processor'}, ${Math.round(totalmem() / 1e9)} GB`;
  const output = resolve(values.output);
  await mkdir(dirname(output), { recursive: true });
  await writeFile(output, `${JSON.stringify({ machine, threads, rows: results }, null, 2)}\n`);
  process.stdout.write(
    `${machine}\n\n${tableOf(results)}\n\n${results.map(lossesOf).join('\n')}\n\n${output}\n`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
