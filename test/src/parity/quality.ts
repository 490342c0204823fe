// node test/dist/parity/quality.js [FOLDER] [SEEDS]: MiniLM, all weights, in Temper's pipeline and in transformers.Trainer, each without
// and with the model's own dropout, on FOLDER's train.csv, validation.csv and test.csv (text, label). Where there are none: mails of
// three classes, about 40 minutes a seed on two cores. SEEDS: `0` or `0,1,2`, whose means are compared.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from '@temper/services';
import { pythonEnvironment } from '../bench/python.js';
import { writeMailSplits } from './mail-splits.js';
import { minilmFolder } from './real-models.js';
import { sourceFolder } from './source-folder.js';

const run = promisify(execFile);
/** Of the macro F1 on the test split. */
const TOLERANCE = 0.015;

const [, , folderName = 'quality', seeds = '0'] = process.argv;
const folder = resolve(folderName);
const model = await minilmFolder();
if (!existsSync(join(folder, 'train.csv'))) await writeMailSplits(folder);
const spec = {
  name: 'quality',
  model: { base: model },
  dataset: { train: 'train.csv', validation: 'validation.csv', test: 'test.csv' },
  tokenize: { maxLength: 128 },
  method: { type: 'full' },
};
await writeFile(join(folder, 'spec.json'), JSON.stringify(spec, null, 2));

interface Scores {
  readonly f1: number;
  readonly accuracy: number;
}
const cli = fileURLToPath(new URL('../../../libs/cli/bin/temper.js', import.meta.url));
const python = await pythonEnvironment(cacheFolder(), say);
const temper = async (seed: string, dropout: string) => {
  const set = ['--set', `training.seed=${seed}`, '--set', `model.dropout=${dropout}`];
  const args = [cli, 'run', join(folder, 'spec.json'), '--fresh', '--json', ...set];
  return (await last<{ metrics: { test: Scores } }>(process.execPath, args)).metrics.test;
};
const trainer = (seed: string, ...options: string[]) =>
  last<Scores>(python, [
    join(sourceFolder, 'parity', 'quality.py'),
    ...[folder, model, '--seed', seed, ...options],
  ]);
const ways = {
  Temper: (seed: string) => temper(seed, '0'),
  'Temper, model.dropout: config': (seed: string) => temper(seed, 'config'),
  Trainer: (seed: string) => trainer(seed),
  'Trainer, dropout 0': (seed: string) => trainer(seed, '--dropout', '0'),
};
type Way = keyof typeof ways;

const scores = Object.fromEntries(Object.keys(ways).map((way) => [way, []])) as unknown as Record<
  Way,
  Scores[]
>;
for (const seed of seeds.split(',')) {
  for (const [way, score] of Object.entries(ways) as [Way, (typeof ways)[Way]][]) {
    const { f1, accuracy } = await score(seed);
    scores[way].push({ f1, accuracy });
    say(`seed ${seed}  ${way.padEnd(30)} macro F1 ${f1.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`);
  }
}

const mean = (way: Way) => scores[way].reduce((sum, { f1 }) => sum + f1, 0) / scores[way].length;
const pairs: readonly (readonly [Way, Way])[] = [
  ['Temper', 'Trainer'],
  ['Temper', 'Trainer, dropout 0'],
  ['Temper, model.dropout: config', 'Trainer'],
];
for (const [ours, theirs] of pairs) {
  const difference = mean(ours) - mean(theirs);
  say(`${`${ours} – ${theirs}`.padEnd(50)} ${difference.toFixed(4)}, allowed ±${TOLERANCE}`);
  if (Math.abs(difference) > TOLERANCE) process.exitCode = 1;
}

function say(text: string) {
  process.stdout.write(`${text}\n`);
}

/** The JSON object that a program prints last. */
async function last<T>(program: string, args: readonly string[]): Promise<T> {
  const env = { ...process.env, HF_HUB_OFFLINE: '1' };
  const { stdout } = await run(program, args, { cwd: folder, env, maxBuffer: 64 << 20 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T;
}
