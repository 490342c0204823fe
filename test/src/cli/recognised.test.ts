import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { temper } from './temper.js';
import { sentences, writeCsv, writeTinyBert } from './tiny-classifier.js';

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-recognised-'));
  await writeTinyBert(at('model'));
  await writeCsv(at('train.csv'), sentences(40));
});
afterAll(() => rm(folder, { recursive: true }));

/** The check of a spec that says no more than it must. */
async function check(train: string, more: object = {}, command: readonly string[] = ['run']) {
  const pipeline = { name: 'recognised', model: { base: 'model' }, dataset: { train }, ...more };
  const spec =
    command[0] === 'sweep'
      ? { name: 's', pipeline, search: { 'training.epochs': { values: [1, 2] } } }
      : pipeline;
  await writeFile(at('spec.yaml'), stringify(spec));
  return temper(folder, ...command, 'spec.yaml', '--check');
}

it('a spec without columns and task has those of its data, and says so', async () => {
  const { code, stderr, stdout } = await check('train.csv');
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout + stderr).toContain(
    'columns {text: text, label: label}, recognised by their names; task sequence-classification',
  );
});

it('so does the pipeline of a sweep', async () => {
  const { code, stderr, stdout } = await check('train.csv', {}, ['sweep']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout + stderr).toContain('columns {text: text, label: label}, recognised by their names');
});

it('the task is the one that the model can learn, where it is one', async () => {
  const model = { base: 'llama.gguf' };
  await cp(join(import.meta.dirname, '../../corpus/models/good.gguf'), at(model.base));
  await writeFile(at('both.json'), '[{"question":"q","answer":"a","tokens":["x","y"],"tags":["O","B-X"]}]');
  const both = await check('both.json');
  expect(both.stdout + both.stderr).toContain(
    'columns {tokens: tokens, tags: tags}, recognised by their names; task token-classification, the one that the base model can learn',
  );
  const doubt = await check('both.json', { model });
  expect(doubt.stdout + doubt.stderr).toContain('it is not clear from their names what the columns are');
  await writeFile(at('tokens.json'), '[{"input_ids":[1,2,3],"labels":[1,2,3]}]');
  const tokens = await check('tokens.json', { model });
  expect(tokens.stdout + tokens.stderr).toContain('task causal-lm');
  await writeFile(at('classes.json'), '[{"input_ids":[1,2],"labels":1},{"input_ids":[1,3],"labels":0}]');
  const classes = await check('classes.json');
  expect(classes.stdout + classes.stderr).toContain('task sequence-classification');
  await writeFile(at('tagged.json'), '[{"words":["a","b"],"ner_tags":[0,1]},{"words":["c"],"ner_tags":[1]}]');
  const tagged = await check('tagged.json');
  expect(tagged.stdout + tagged.stderr).toContain(
    'columns {tokens: words, tags: ner_tags}, recognised by their names; task token-classification',
  );
  // A BERT writes nothing: labels that are lists are those of its tokens.
  const labelled = await check('tokens.json');
  expect(labelled.stdout + labelled.stderr).toContain('task token-classification');
});

it('question and answer are for a language model, which a BERT is not', async () => {
  await writeFile(at('qa.json'), '[{"prompt":"q","response":"a"},{"prompt":"r","response":"b"}]');
  const { code, stderr } = await check('qa.json', { evaluation: { gate: { perplexity: { max: 9 } } } });
  expect(code).toBe(2);
  expect(stderr).toContain('causal-lm');
  expect(stderr).not.toMatch(/no column|evaluation\.gate/);
});

it('in doubt the line to add is shown, beside the other mistakes of the spec', async () => {
  await writeFile(at('odd.csv'), 'id,body,sentiment\n1,a,x\n2,b,y\n');
  const { code, stderr } = await check('odd.csv', { training: { epoch: 1 } });
  expect(code).toBe(2);
  expect(stderr).toContain('dataset.columns: {text: body, label: sentiment}');
  expect(stderr).toContain('training.epoch: unknown field');
});

it('the data set is refused in the check as in ingest, with file and line', async () => {
  await writeFile(at('far.csv'), `text,label\n${'a,x\nb,y\n'.repeat(20_000)}a,x,z\n`);
  const { code, stderr } = await check('far.csv');
  expect(code).toBe(2);
  expect(stderr).toMatch(/far\.csv:40002: a row of 3 fields/);
});

it('the hidden tokens of texts are learnt where the task says so, and by an encoder alone', async () => {
  await writeFile(
    at('texts.csv'),
    'text,id\nthe day was fine,1\nthe film was dull and sad,2\nso it felt very good,3\n',
  );
  const { code, stdout, stderr } = await check('texts.csv', { task: 'masked-lm' });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout + stderr).toContain('columns {text: text}, recognised by their names; task masked-lm');
  expect(stdout + stderr).toContain('head made anew: the base model has none');
  const decoder = await check('texts.csv', { task: 'masked-lm', model: { base: 'llama.gguf' } });
  expect(decoder.code).toBe(2);
  expect(decoder.stderr).toMatch(/cannot be trained for this task\s+found: masked-lm/);
  const other = await check('train.csv', { training: { mlmProbability: 0.2 } });
  expect(other.stderr).toContain('sequence-classification hides no tokens');
});

it('tokens that the model has no row for, and rows of which nothing counts, are told before a run', async () => {
  const gguf = 'llama.gguf';
  await cp(join(import.meta.dirname, '../../corpus/models/good.gguf'), at(gguf));
  // Behind the rows of texts that are tried.
  const good = Array.from({ length: 150 }, () => ({ input_ids: [1, 2], labels: [1, 2] }));
  await writeFile(at('far.json'), JSON.stringify([...good, { input_ids: [1, 99999], labels: [1, 99999] }]));
  for (const base of [gguf, 'model']) {
    const far = await check('far.json', { model: { base } });
    expect(far.code, base).toBe(2);
    expect(far.stderr, base).toMatch(
      /dataset\.train row 151: wrong token data\s+found: token 99999\s+allowed: below the model's vocabulary of \d+/,
    );
  }
  await writeFile(at('nothing.json'), '[{"input_ids":[1,2],"labels":[-100,-100]}]');
  const nothing = await check('nothing.json', { model: { base: gguf } });
  expect(nothing.code).toBe(2);
  expect(nothing.stderr).toContain('no example of train would count: no label is counted');
  await writeFile(at('good.json'), JSON.stringify(good));
  expect(await check('good.json', { model: { base: gguf } })).toMatchObject({ code: 0 });
});
