// node test/dist/parity/quality.js [FOLDER] [SEED]: MiniLM on mails of three classes, in Temper's pipeline and in
// transformers.Trainer, as it is and without the model's own dropout (which Temper leaves off). About 25 minutes on two cores.
import { execFile } from 'node:child_process';
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

const [, , folderName = 'quality', seed = '0'] = process.argv;
const folder = resolve(folderName);
const model = await minilmFolder();
await writeMailSplits(folder);
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
const python = await pythonEnvironment(cacheFolder(), (text) => process.stderr.write(`${text}\n`));
const trainer = (...options: string[]) =>
  last<Scores>(python, [join(sourceFolder, 'parity', 'quality.py'), folder, model, ...options]);
const temper = await last<{ metrics: { test: Scores } }>(process.execPath, [
  ...[cli, 'run', join(folder, 'spec.json'), '--json', '--set', `training.seed=${seed}`],
]);
const ours = temper.metrics.test;
const theirs = {
  'transformers.Trainer': await trainer('--seed', seed),
  '… without dropout': await trainer('--seed', seed, '--dropout', '0'),
};

for (const [name, { f1, accuracy }] of Object.entries({ Temper: ours, ...theirs })) {
  process.stdout.write(`${name.padEnd(21)} macro F1 ${f1.toFixed(4)}, accuracy ${accuracy.toFixed(4)}\n`);
}
const difference = Math.abs(ours.f1 - theirs['transformers.Trainer'].f1);
process.stdout.write(`difference from the Trainer ${difference.toFixed(4)}, allowed ${TOLERANCE}\n`);
process.exitCode = difference <= TOLERANCE ? 0 : 1;

/** The JSON object that a program prints last. */
async function last<T>(program: string, args: readonly string[]): Promise<T> {
  const env = { ...process.env, HF_HUB_OFFLINE: '1' };
  const { stdout } = await run(program, args, { cwd: folder, env, maxBuffer: 64 << 20 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T;
}
