// npm run bench:qlora -- --gsm8k FOLDER [--steps N]: SmolLM2 on rows of GSM8K, adapters on all linears, over a base in 4 bits: against
// PyTorch + PEFT on the values that 4 bits leave, and against LoRA over the base as it is, from the same adapter.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { storedFor } from '@temper/methods';
import { openModel } from '@temper/models';
import { cacheFolder, startServices } from '@temper/services';
import { parsePipelineSpec } from '@temper/spec';
import { writeAdapter } from '../parity/real-models.js';
import type { Measurement } from './measurement.js';
import { pythonEnvironment } from './python.js';
import { rows, type BenchRow } from './rows.js';
import { runTemper, trainerOf } from './temper-side.js';
import { runTorch } from './torch-side.js';

/** Of the peer's loss on held-out rows. */
const LOSS_TOLERANCE = 0.003;
/** Of the bytes in float32. */
const MOST_BYTES = 0.15;
/** Of what is saved on disk, in memory. */
const LEAST_SAVED = 0.8;

const { values } = parseArgs({
  options: {
    gsm8k: { type: 'string', default: process.env['TEMPER_BENCH_GSM8K'] },
    steps: { type: 'string', default: '40' },
  },
});
const say = (text: string) => process.stdout.write(`${text}\n`);
const quiet = (text: string) => process.stderr.write(`${text}\n`);
const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(3)} GB`;
const percent = (share: number) => `${(100 * share).toFixed(2)}%`;

const targetModules = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];
const lora = { r: 8, alpha: 16, targetModules };

const folder = await mkdtemp(join(tmpdir(), 'temper-bench-'));
try {
  const made = await rows['gsm8k']!({ quick: false, gsm8k: values.gsm8k, folder });
  if (!made) {
    quiet('--gsm8k names no folder with train.jsonl and test.jsonl');
    process.exit(2);
  }
  await compare({ ...made, lora, steps: Number(values.steps), initFrom: join(folder, 'adapter') });
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function compare(row: BenchRow): Promise<void> {
  await writeAdapter(row.initFrom!, row.model, { r: lora.r, alpha: lora.alpha, targets: targetModules });
  const python = await pythonEnvironment(cacheFolder(), quiet);
  await using services = await startServices({
    folder: join(folder, 'services'),
    temporary: true,
    report: quiet,
  });
  const threads = availableParallelism();
  const on = { services, threads, folder, entry: trainerOf(join(import.meta.dirname, '../../..')) };
  const over4Bits: BenchRow = { ...row, id: 'qlora', nf4: true };
  say('held-out loss      before   after');
  const told = async (name: string, run: Promise<Measurement>) => {
    const measured = await run;
    const { before, after } = measured.evaluation!;
    say(`${name.padEnd(18)} ${before.toFixed(4)}   ${after.toFixed(4)}`);
    return measured;
  };
  const found = await told('QLoRA', runTemper(over4Bits, on));
  const plain = await told('LoRA', runTemper({ ...row, id: 'lora' }, on));
  const peer = await told('PyTorch + PEFT', runTorch(over4Bits, { python, threads, folder }));
  const away = Math.abs(found.evaluation!.after / peer.evaluation!.after - 1);
  check(away <= LOSS_TOLERANCE, `${percent(away)} from PyTorch, at most ${percent(LOSS_TOLERANCE)}`);
  const lost = found.evaluation!.after / plain.evaluation!.after - 1;
  say(`     ${percent(lost)} above LoRA: what 4 bits cost this model`);

  const { inNf4, inFloat32 } = await bytesOf(row.model);
  check(
    inNf4 <= MOST_BYTES * inFloat32,
    `${gigabytes(inNf4)} of ${gigabytes(inFloat32)}: ${(inNf4 / inFloat32).toFixed(4)}×`,
  );
  const saved = plain.firstStepBytes! - found.firstStepBytes!;
  const memory = `${gigabytes(found.firstStepBytes!)} against ${gigabytes(plain.firstStepBytes!)}`;
  const share = saved / (inFloat32 - inNf4);
  check(
    share >= LEAST_SAVED,
    `resident after the first step ${memory}: ${share.toFixed(2)} of what the files save`,
  );
}

/** Of the linear weights, as they lie in 4 bits with their scales and as they were. */
async function bytesOf(modelFolder: string) {
  const model = await openModel(modelFolder);
  const { method } = parsePipelineSpec({
    ...{ name: 'qlora', task: 'causal-lm', model: { base: modelFolder }, dataset: { train: 'none.jsonl' } },
    method: { type: 'qlora' },
  });
  const { frozen } = await storedFor(model, { method }, { task: 'causal-lm' }, join(folder, 'in-4-bits'));
  let inFloat32 = 0;
  for (const [name, { shape }] of model.weights)
    if (/_proj\.weight$/.test(name)) inFloat32 += 4 * shape.reduce((a, b) => a * b, 1);
  return { inFloat32, inNf4: (await stat(frozen!.file)).size };
}

function check(ok: boolean, text: string): void {
  say(`${ok ? 'ok  ' : 'FAIL'} ${text}`);
  if (!ok) process.exitCode = 1;
}
