// npm run bench:methods -- [--model minilm,smollm2] [--steps N] [--rounds N]: time and memory of a training step by method.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServices } from '@temper/services';
import type { PipelineSpecInput } from '@temper/spec';
import { summarize, type Measurement } from './measurement.js';
import { rows, type BenchRow } from './rows.js';
import { runTemper, trainerOf } from './temper-side.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'minilm,smollm2' },
    steps: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '2' },
  },
});
const say = (text: string) => process.stdout.write(`${text}\n`);
type Methods = Readonly<Record<string, PipelineSpecInput['method']>>;

/** As a spec says them that leaves all else to the defaults. */
const methods: Methods = {
  full: { type: 'full' },
  lora: { type: 'lora' },
  'lora, all-linear': { type: 'lora', targetModules: 'all-linear' },
  'qlora, all-linear': { type: 'qlora', targetModules: 'all-linear' },
  adapter: { type: 'adapter' },
  ia3: { type: 'ia3' },
  'prompt-tuning': { type: 'prompt-tuning' },
};
const models: Readonly<Record<string, { readonly row: string; readonly methods: Methods }>> = {
  minilm: { row: 'minilm-full', methods },
  smollm2: { row: 'smollm2-lora', methods: { ...methods, 'prefix-tuning': { type: 'prefix-tuning' } } },
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
    const { row, methods } = models[id]!;
    const { lora: _, ...made } = (await rows[row]!({ quick: true, folder }))!;
    const measured = Object.keys(methods).map((name) => [name, [] as Measurement[]] as const);
    for (let round = 0; round < Number(values.rounds); round++)
      for (const [name, rounds] of measured)
        rounds.push(await runTemper({ ...made, steps: Number(values.steps), method: methods[name] }, on));
    say(tableOf(made, measured));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

type Made = Omit<BenchRow, 'lora'>;

function tableOf(
  { title, batch, train }: Made,
  measured: readonly (readonly [string, readonly Measurement[]])[],
) {
  const lines = measured.map(([name, rounds]) => {
    const { stepMs, maxRssBytes } = summarize(rounds);
    const resident = rounds[0]!.firstStepBytes! / 1e9;
    const cells = [
      `\`${name}\``,
      `${(stepMs / 1000).toFixed(2)} s`,
      `${(maxRssBytes / 1e9).toFixed(2)} GB`,
      `${resident.toFixed(2)} GB`,
      sizeOf(rounds[0]!.trainedBytes!),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const lengths = train.slice(0, 200).map(({ input_ids }) => input_ids.length);
  const mean = lengths.reduce((a, b) => a + b, 0) / lengths.length;
  const head = '| method | a step | peak memory | after a step | what is trained |';
  return [
    `${title}: ${batch} × ${mean.toFixed(0)} tokens`,
    '',
    head,
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

const sizeOf = (bytes: number) =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
