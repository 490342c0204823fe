// npm run bench:packing -- [--gsm8k FOLDER]: SmolLM2, LoRA, on short examples: one in a sequence, and several. A step is the whole
// set on both sides, so that their losses must be equal.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServices, type Services } from '@temper/services';
import { summarize, type Measurement } from './measurement.js';
import { gsm8kRows } from './gsm8k.js';
import { rows, type BenchRow } from './rows.js';
import { randomRows, shortTextLengths } from './synthetic.js';
import { runTemper, trainerOf } from './temper-side.js';

const TOLERANCE = 1e-5;

const { values } = parseArgs({
  options: {
    gsm8k: { type: 'string', default: process.env['TEMPER_BENCH_GSM8K'] },
    rounds: { type: 'string', default: '3' },
  },
});
const say = (text: string) => process.stdout.write(`${text}\n`);

const folder = await mkdtemp(join(tmpdir(), 'temper-bench-'));
try {
  const made = (await rows['smollm2-lora']!({ quick: true, folder }))!;
  await using services = await startServices({
    folder: join(folder, 'services'),
    temporary: true,
    report: () => undefined,
  });
  // All batches of an epoch are one step.
  const base = { ...made, steps: 6, accumulation: 1000 };
  const lengths = shortTextLengths(96, 128);
  const short = randomRows({ seed: 3, lengths, vocabulary: 49_152 });
  await compare(
    { ...base, id: 'short', title: '96 short texts, every label', train: short },
    services,
    [16, 512],
  );
  if (values.gsm8k) {
    const { train } = await gsm8kRows(values.gsm8k);
    await compare(
      { ...base, id: 'gsm8k', title: '32 rows of GSM8K', train: train.slice(0, 32) },
      services,
      [4, 768],
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** About the same tokens in a batch on both sides: so many examples, or one sequence of so many tokens. */
async function compare(row: BenchRow, services: Services, [batch, packed]: readonly [number, number]) {
  const on = {
    ...{ services, folder, threads: availableParallelism() },
    entry: trainerOf(join(import.meta.dirname, '../../..')),
  };
  const one: Measurement[] = [];
  const several: Measurement[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    one.push(await runTemper({ ...row, batch }, on));
    several.push(await runTemper({ ...row, batch: 1, packed }, on));
  }
  const tokens = row.train.reduce((sum, { input_ids }) => sum + input_ids.length, 0);
  say(`${row.title}, ${tokens} tokens a step`);
  for (const [name, measured] of [
    [`${batch} examples a batch`, one],
    [`packed to ${packed} tokens`, several],
  ] as const) {
    const { stepMs, maxRssBytes } = summarize(measured);
    const rate = ((1000 * tokens) / stepMs).toFixed(0);
    say(`  ${name.padEnd(22)} ${rate.padStart(5)} tokens/s  ${(maxRssBytes / 1e9).toFixed(2)} GB`);
  }
  const away = one[0]!.losses.map((loss, i) => Math.abs(several[0]!.losses[i]! / loss - 1));
  const worst = Math.max(...away);
  const ok = worst <= TOLERANCE;
  say(
    `  ${ok ? 'ok  ' : 'FAIL'} losses of ${away.length} steps differ by ${worst.toExponential(1)}, at most ${TOLERANCE}`,
  );
  if (!ok) process.exitCode = 1;
}
