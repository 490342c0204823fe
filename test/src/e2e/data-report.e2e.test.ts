import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { RunResult } from '@temper/contracts';
import { temper, type Ended } from '../cli/temper.js';
import { sentences, writeCsv, writeTinyBert } from '../cli/tiny-classifier.js';

let folder: string;
const at = (name: string) => join(folder, name);
const json = <T>({ code, stdout, stderr }: Ended): T => {
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout) as T;
};
const run = async (spec: { name: string }, ...more: string[]) => {
  await writeFile(at(`${spec.name}.yaml`), stringify(spec));
  return temper(folder, 'run', `${spec.name}.yaml`, ...more);
};
/** Nothing of the model matters here, so it may be as poor as it likes. */
const quick = {
  tokenize: { maxLength: 32 },
  method: { type: 'full' },
  training: { maxSteps: 4 },
  evaluation: { gate: 'none' },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-data-e2e-'));
  await writeTinyBert(at('bare'));
  await writeTinyBert(at('named'), { classes: 2, names: ['NEGATIVE', 'POSITIVE'] });
  await temper(folder, 'up', '--detach');
});
afterAll(async () => {
  await temper(folder, 'down');
  await rm(folder, { recursive: true });
});

describe('what is told of the rows', () => {
  it('half of test in train, with dedupe off: in the run, in runs show, in the JSON and on the card', async () => {
    const rows = sentences(120);
    await writeCsv(at('train.csv'), rows.slice(0, 80));
    await writeCsv(at('test.csv'), [...rows.slice(0, 20), ...rows.slice(90, 110)]);
    const dataset = { train: 'train.csv', test: 'test.csv', clean: { dedupe: 'none' } };
    const spec = { name: 'leak', model: { base: 'bare' }, dataset, ...quick };
    const result = json<RunResult>(await run(spec, '--json'));
    expect(result.data!.leaks).toMatchObject({ rows: 49, exact: 20 });
    const said = 'of 40 test rows are in train too';
    expect(result.stages.find(({ name }) => name === 'preprocess')!.summary).toContain(said);
    expect((await temper(folder, 'runs', 'show', result.runId)).stdout).toMatch(
      new RegExp(`^! .*${said}`, 'm'),
    );
    await temper(folder, 'models', 'export', 'leak@candidate', 'exported');
    expect(await readFile(at('exported/README.md'), 'utf8')).toContain(said);
  });

  it.each([
    ['numbers', ['0', '1'], 'new', { 0: '0', 1: '1' }],
    ['names in another case and order', ['positive', 'negative'], 'own', { 0: 'negative', 1: 'positive' }],
  ])('a head of NEGATIVE and POSITIVE, data of %s', async (_, [bad, good], from, id2label) => {
    const rows = sentences(100).map(({ text, label }) => ({ text, label: label === 'bad' ? bad! : good! }));
    await writeCsv(at('labels.csv'), rows);
    const spec = {
      name: `head-${from}`,
      model: { base: 'named' },
      dataset: { train: 'labels.csv' },
      ...quick,
    };
    const checked = await run(spec, '--check', '--json');
    const { summary } = json<{ summary: string[] }>(checked);
    const result = json<RunResult>(await run(spec, '--json'));
    expect(result.data!.head!.from).toBe(from);
    expect(summary).toContain(result.data!.head!.message);
    await temper(folder, 'models', 'export', `head-${from}@candidate`, `exported-${from}`);
    const config = JSON.parse(await readFile(at(`exported-${from}/config.json`), 'utf8')) as object;
    expect(config).toMatchObject({ num_labels: 2, id2label });
    const [predicted] = json<{ label: string; probabilities: object }[]>(
      await temper(folder, 'predict', `head-${from}@candidate`, 'a lovely day', '--json'),
    );
    expect(Object.keys(predicted!.probabilities)).toEqual(Object.values(id2label));
    expect(Object.values(id2label)).toContain(predicted!.label);
  });
});

it('5,000 classes and 12,000 rows: done, with small payloads', async () => {
  const classes = 5_000;
  const texts = sentences(120);
  const rows = Array.from({ length: 12_000 }, (_, i) => ({
    text: `${texts[i % texts.length]!.text} ${i}`,
    label: `the class that has the number ${i % classes}, and a long name`,
  }));
  await writeFile(
    at('many.csv'),
    `text,label\n${rows.map(({ text, label }) => `"${text}","${label}"`).join('\n')}\n`,
  );
  const spec = { name: 'many', model: { base: 'bare' }, dataset: { train: 'many.csv' }, ...quick };
  const result = json<RunResult>(await run(spec, '--json'));
  expect(result).toMatchObject({ status: 'completed', model: { name: 'many', version: 1 } });
  expect(result.data!.warnings.map(({ code }) => code)).toContain('class-too-small');
  expect(await largestPayload(result.runId)).toBeLessThan(64_000);
});

/** Of the whole history of a run, in bytes. */
async function largestPayload(runId: string): Promise<number> {
  const { temporal: address } = JSON.parse(await readFile(at('.temper/up.json'), 'utf8')) as {
    temporal: string;
  };
  const connection = await Connection.connect({ address });
  try {
    const history = await new Client({ connection }).workflow.getHandle(runId).fetchHistory();
    let largest = 0;
    const look = (value: unknown): void => {
      if (value instanceof Uint8Array) largest = Math.max(largest, value.length);
      else if (typeof value === 'object' && value !== null) Object.values(value).forEach(look);
    };
    look(history.events);
    return largest;
  } finally {
    await connection.close();
  }
}
