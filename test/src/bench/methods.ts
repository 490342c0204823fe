// npm run bench:methods -- [--model minilm,smollm2] [--only TEXT] [--steps N]: time and memory of a training step by method. All steps
// are alike, so that the fastest is the one beside which the machine did nothing else.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServices } from '@temper/services';
import type { Measurement } from './measurement.js';
import { rows, type BenchRow } from './rows.js';
import { randomRows } from './synthetic.js';
import { runTemper, trainerOf } from './temper-side.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'minilm,smollm2' },
    steps: { type: 'string', default: '8' },
    only: { type: 'string', default: '' },
  },
});
const say = (text: string) => process.stdout.write(`${text}\n`);
type Methods = Readonly<Record<string, Pick<BenchRow, 'method' | 'precision'>>>;

/** As a spec says them that leaves all else to the defaults. */
const methods: Methods = {
  full: { method: { type: 'full' } },
  lora: { method: { type: 'lora' } },
  'lora, bf16': { method: { type: 'lora' }, precision: 'bf16' },
  'lora, fp16': { method: { type: 'lora' }, precision: 'fp16' },
  'lora, all-linear': { method: { type: 'lora', targetModules: 'all-linear' } },
  'lora, all-linear, bf16': { method: { type: 'lora', targetModules: 'all-linear' }, precision: 'bf16' },
  'qlora, all-linear': { method: { type: 'qlora', targetModules: 'all-linear' } },
  adapter: { method: { type: 'adapter' } },
  ia3: { method: { type: 'ia3' } },
  loha: { method: { type: 'loha' } },
  vera: { method: { type: 'vera' } },
  'prompt-tuning': { method: { type: 'prompt-tuning' } },
};
interface Model {
  readonly row: string;
  readonly title: string;
  readonly methods: Methods;
  /** Tokens of each text. */
  readonly length: number;
  readonly vocabulary: number;
  readonly classes?: number;
}
const models: Readonly<Record<string, Model>> = {
  minilm: {
    row: 'minilm-full',
    title: 'MiniLM-L6, 22M weights, 3 classes, 16 × 64 tokens',
    methods,
    length: 64,
    vocabulary: 30_522,
    classes: 3,
  },
  smollm2: {
    row: 'smollm2-lora',
    title: 'SmolLM2, 135M weights, 4 × 128 tokens, every label',
    methods: { ...methods, 'prefix-tuning': { method: { type: 'prefix-tuning' } } },
    length: 128,
    vocabulary: 49_152,
  },
};

const folder = await mkdtemp(join(tmpdir(), 'temper-bench-'));
try {
  await using services = await startServices({
    folder: join(folder, 'services'),
    temporary: true,
    report: () => undefined,
  });
  const on = {
    ...{ services, folder, threads: availableParallelism() },
    entry: trainerOf(join(import.meta.dirname, '../../..')),
  };
  for (const id of values.model.split(',')) {
    const { row, title, methods, length, ...data } = models[id]!;
    const { lora: _, ...made } = (await rows[row]!({ quick: true, folder }))!;
    const train = randomRows({ seed: 4, lengths: new Array<number>(64).fill(length), ...data });
    say(`${title}\n`);
    say(
      '| method | a step | peak memory | after a step | what is trained |\n| --- | --- | --- | --- | --- |',
    );
    for (const [name, kept] of Object.entries(methods).filter(([name]) => name.includes(values.only)))
      say(lineOf(name, await runTemper({ ...made, train, steps: Number(values.steps), ...kept }, on)));
    say('');
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

function lineOf(name: string, { stepMs, maxRssBytes, firstStepBytes, trainedBytes }: Measurement): string {
  const cells = [
    `\`${name}\``,
    `${(Math.min(...stepMs) / 1000).toFixed(2)} s`,
    `${(maxRssBytes / 1e9).toFixed(2)} GB`,
    `${(firstStepBytes! / 1e9).toFixed(2)} GB`,
    sizeOf(trainedBytes!),
  ];
  return `| ${cells.join(' | ')} |`;
}

function sizeOf(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
