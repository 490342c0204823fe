import { parsePipelineSpec, parseSweepSpec } from '@temper/spec';
import { applySetting, parseSpecText } from '@temper/cli/spec/read';
import { resolvePaths } from '@temper/client/pipeline';
import { stringify } from 'yaml';
import { damaged } from '../bytes.js';
import { faulty } from '../json.js';
import type { Parser } from '../parser.js';
import type { Random } from '../random.js';
import { word } from '../words.js';

const whole = {
  name: 'tweets',
  task: 'sequence-classification',
  model: { base: './models/minilm', dropout: 0.1 },
  dataset: {
    train: 'data/train.csv',
    validation: 'data/validation.csv',
    columns: { text: 'text', label: 'label' },
    split: { train: 0.8, validation: 0.1, test: 0.1, seed: 42, stratify: true },
    clean: { dropEmpty: true, dedupe: 'exact', minChars: 1 },
  },
  tokenize: { maxLength: 128 },
  method: { type: 'lora', r: 8, alpha: 16, dropout: 0.05, targetModules: ['q_proj', 'v_proj'] },
  training: {
    epochs: 3,
    learningRate: 2e-5,
    trainBatchSize: 16,
    saveSteps: 500,
    seed: 0,
    scheduler: 'linear',
  },
  evaluation: { metrics: ['accuracy', 'f1'], gate: { f1: { min: 0.6 } } },
  publish: { model: 'tweets', alias: 'candidate' },
  resources: { pool: 'auto' },
};

/** What only YAML has: anchors that multiply, tags, merge keys, documents, numbers of other bases. */
const yaml: readonly string[] = [
  `a: &a [x, x]\n${'bcdefghijklmnop'
    .split('')
    .map((k, i) => `${k}: &${k} [${Array(9).fill(`*${'abcdefghijklmno'[i]}`).join(', ')}]`)
    .join('\n')}`,
  'name: !!js/function "function () {}"',
  'name: !!python/object/apply:os.system [ls]',
  '<<: {name: a}\nname: b',
  'a: &x\n  b: *x',
  '---\nname: a\n---\nname: b',
  'name: 0o17\nmodel: {base: 0x1F}',
  '? [a, b]\n: c',
  '"__proto__": {polluted: true}\nname: a',
  `${' '.repeat(2_000)}name: a`,
  '[[[[[',
  'name: "\\x1b[2J"',
  '- '.repeat(3_000),
  '{a: '.repeat(3_000),
  '%YAML 9.9\n---\nname: a',
  '\ufeffname: a',
  'name: |\n\ttab',
  '*missing',
];

/** Much of the same: what takes the square of a length, or keeps all of it, is found by that alone. */
const repeated = (random: Random): string => {
  const piece = random.pick([
    ...[
      ']',
      '}',
      '[',
      '{',
      '- ',
      '? ',
      ': ',
      '&a ',
      '*a ',
      '!a ',
      '"',
      "'",
      '\\',
      '#',
      '|\n',
      '---\n',
      '%A\n',
      '\t',
    ],
    ...[
      'a: 1\n',
      'a: b: ',
      '{a: b}, ',
      '"\\q" ',
      '"a" b\n',
      '  a\n',
      '<<: *a\n',
      `${word(random).slice(0, 20)}: 1\n`,
    ],
  ]);
  const before = random.pick([
    '',
    'name: a\n',
    'a: [',
    'a: &a [',
    'training:\n  ',
    'a: "',
    'dataset: {train: "',
  ]);
  return before + piece.repeat(Math.floor(random.pick([2_000, 30_000, 250_000]) / piece.length));
};

const settings = (random: Random) =>
  random.many(
    3,
    () =>
      `${random.pick(['training.epochs', 'a.b.c', 'name.x', word(random)])}=${random.pick(['1', '{', '[1,2]', word(random)])}`,
  );

export const spec: Parser = {
  name: 'spec',
  inputs: 20_000,
  make: (random) => {
    const sweep = {
      name: 's',
      pipeline: whole,
      strategy: random.pick(['grid', 'random', 'asha']),
      search: {
        'training.learningRate': { values: [1e-5, 1e-4] },
        'method.r': { values: [4, 8] },
        'method.dropout': { min: 0, max: 0.3, scale: 'linear' },
      },
      trials: 8,
      objective: { metric: 'f1', split: 'validation' },
      asha: { minEpochs: 1, reductionFactor: 3 },
    };
    const sweeping = random.chance(0.2);
    const faults = faulty(sweeping ? sweep : whole, random, 5);
    const asYaml = () => {
      try {
        return stringify(JSON.parse(faults));
      } catch {
        return faults;
      }
    };
    if (random.chance(0.02)) return { text: repeated(random), sweeping, settings: [] };
    const written = random.chance(0.1) ? random.pick(yaml) : random.chance(0.5) ? faults : asYaml();
    const text = random.chance(0.2) ? damaged(Buffer.from(written), random).toString() : written;
    return { text, sweeping, settings: random.chance(0.2) ? settings(random) : [] };
  },
  read: async ({ text, sweeping, settings: set }) => {
    const value = parseSpecText(text as string, 'spec.yaml') as Record<string, unknown>;
    for (const setting of set as string[]) applySetting(value, setting);
    if (({} as { polluted?: unknown }).polluted) throw new Error('the prototype of all objects was changed');
    return sweeping ? parseSweepSpec(value) : parsePipelineSpec(resolvePaths(value, '/data'));
  },
};
