// node record-curves.mjs FOLDER NAME… > curves.json: what verdicts are made of, of real runs. FOLDER has, of each run,
// NAME.show.json (temper runs show ID --json) and NAME.jsonl (temper runs metrics ID --json). Loss, step and epoch are kept of
// the log, to five digits.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [, , folder, ...names] = process.argv;
const read = (file) => readFileSync(join(folder, file), 'utf8');
const short = (value) => Number(value.toPrecision(5));
const numbers = (metrics) =>
  Object.fromEntries(
    Object.entries(metrics ?? {}).filter(
      ([name, value]) => typeof value === 'number' || name === 'balance' || name === 'interval95',
    ),
  );

const runs = names.map((name) => {
  const { spec, result } = JSON.parse(read(`${name}.show.json`));
  const lines = read(`${name}.jsonl`)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { task, training, dataset } = spec;
  return {
    name,
    spec: { name, model: { base: './model' }, dataset: { train: 'train.csv', split: dataset.split }, task, training },
    steps: lines.filter((l) => 'gradNorm' in l).map((l) => [l.step, short(l.epoch), short(l.loss)]),
    evaluations: lines.filter((l) => l.split).map((l) => [l.step, short(l.loss), short(l.f1)]),
    test: numbers(result.metrics.test),
  };
});
process.stdout.write(`[\n${runs.map((run) => JSON.stringify(run)).join(',\n')}\n]\n`);
