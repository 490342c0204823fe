// npm run bench:saving -- [--steps N] [--save-steps N]: SmolLM2, LoRA, 4×128 tokens a step; by the loop's own clock, how long it stood still for
// its checkpoints, as a share of all step time. Fails above 2%.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServices } from '@temper/services';
import type { TrainerEvent } from '@temper/training/trainer-process';
import { rows } from './rows.js';
import { runTemper, trainerOf } from './temper-side.js';

/** Of all step time. */
const MOST = 0.02;

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '200' },
    'save-steps': { type: 'string', default: '10' },
  },
});
const say = (text: string) => process.stdout.write(`${text}\n`);
const percent = (share: number) => `${(100 * share).toFixed(3)}%`;

const folder = await mkdtemp(join(tmpdir(), 'temper-bench-'));
try {
  const made = (await rows['smollm2-lora']!({ quick: false, folder }))!;
  const row = { ...made, steps: Number(values.steps), saveSteps: Number(values['save-steps']) };
  await using services = await startServices({
    folder: join(folder, 'services'),
    temporary: true,
    report: () => undefined,
  });
  const entry = trainerOf(join(import.meta.dirname, '../../..'));
  const saves: number[] = [];
  let clock: Record<string, unknown> = {};
  const onEvent = (event: TrainerEvent) => {
    if (event.type !== 'log') return;
    const { message, attributes } = event;
    if (message.startsWith('checkpoint of')) saves.push(Number(attributes['seconds']));
    if (message.startsWith('trained to')) clock = attributes;
  };
  const threads = availableParallelism();
  const { trainedBytes } = await runTemper(row, { services, threads, folder, entry, onEvent });
  const steps = Number(clock['stepSeconds']);
  const saving = Number(clock['savingSeconds']);
  const sorted = saves.sort((a, b) => a - b);
  say(`${row.title}, ${row.steps} steps, saveSteps ${row.saveSteps}, ${threads} threads`);
  say(`steps ${steps.toFixed(1)} s, ${((1000 * steps) / row.steps).toFixed(0)} ms each`);
  const [median, longest] = [sorted[sorted.length >> 1]!, sorted.at(-1)!].map((s) => s.toFixed(2));
  const megabytes = (trainedBytes! / 1e6).toFixed(1);
  say(
    `${saves.length} checkpoints of ${megabytes} MB of weights, stored in ${median} s (median), ${longest} s at most`,
  );
  say(
    `${saving / steps <= MOST ? 'ok  ' : 'FAIL'} saving ${saving.toFixed(3)} s: ${percent(saving / steps)}`,
  );
  if (!(saving / steps <= MOST)) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
