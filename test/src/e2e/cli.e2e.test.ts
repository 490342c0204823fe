import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { RunResult, StepMetrics } from '@temper/contracts';
import { startTemper, temper, type Ended } from '../cli/temper.js';
import { wordModel } from '../training/word-model.js';
import { sentences, writeCsv, writeTinyBert } from '../cli/tiny-classifier.js';

let folder: string;
const at = (name: string) => join(folder, name);
const json = <T>({ code, stdout, stderr }: Ended): T => {
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout) as T;
};

const spec = {
  name: 'tiny',
  model: { base: 'model' },
  dataset: { train: 'train.csv' },
  tokenize: { maxLength: 32 },
  method: { type: 'full' },
  training: { epochs: 4, learningRate: 3e-3, trainBatchSize: 8, saveSteps: 20 },
  publish: { model: 'tiny-model' },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-cli-e2e-'));
  await writeTinyBert(at('model'));
  await writeCsv(at('train.csv'), sentences(400));
  await writeFile(at('spec.yaml'), stringify(spec));
  const long = { ...spec, name: 'long', training: { ...spec.training, epochs: 30, saveSteps: 10 } };
  await writeFile(at('long.yaml'), stringify(long));
});
afterAll(async () => {
  await temper(folder, 'down');
  await rm(folder, { recursive: true });
});

describe('with nothing running', () => {
  let first: RunResult;

  it('temper run starts the services, says so, and ends with one object on stdout', async () => {
    const ended = await temper(folder, 'run', 'spec.yaml', '--json');
    first = json<RunResult>(ended);
    expect(ended.stdout.trim().split('\n')).toHaveLength(1);
    expect(ended.stderr).toContain('nothing was running');
    expect(first.runId).toMatch(/^tiny-\d{8}-\d{6}-[0-9a-z]{4}$/);
    expect(first).toMatchObject({ status: 'completed', model: { name: 'tiny-model', version: 1 } });
    expect(first.model!.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(first.stages.map((s) => [s.name, s.status, s.cached, s.attempts])).toEqual(
      ['ingest', 'preprocess', 'train', 'evaluate', 'publish'].map((name) => [name, 'completed', false, 1]),
    );
    // The class follows from one word: chance is 0.5.
    expect(first.metrics.test!.f1).toBeGreaterThan(0.9);
    expect(Object.keys(first.artifacts).sort()).toEqual(['evaluation', 'metrics', 'model', 'report']);
    expect(first.verdicts).toMatchObject([
      { name: 'fine', evidence: expect.stringContaining('40 test rows') as string },
    ]);
  });

  it('a second run finds every stage cached, and the same model', async () => {
    const second = json<RunResult>(await temper(folder, 'run', 'spec.yaml', '--json'));
    expect(second.stages.map((s) => s.cached)).toEqual([true, true, true, true, true]);
    expect(second.model!.digest).toBe(first.model!.digest);
    expect(second.metrics.test).toEqual(first.metrics.test);
  });

  it('runs list, show and metrics tell about it afterwards', async () => {
    const runs = json<{ runId: string; status: string }[]>(await temper(folder, 'runs', 'list', '--json'));
    expect(runs.at(-1)).toMatchObject({ runId: first.runId, status: 'completed', pipeline: 'tiny' });
    const shown = await temper(folder, 'runs', 'show', first.runId);
    for (const word of ['✔ train', 'published tiny-model:1', 'accuracy'])
      expect(shown.stdout).toContain(word);
    const metrics = await temper(folder, 'runs', 'metrics', first.runId, '--json');
    const lines = metrics.stdout
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l) as StepMetrics & { split?: string });
    const steps = lines.filter((l) => !l.split);
    expect(steps.map((l) => l.step)).toEqual(Array.from({ length: 160 }, (_, i) => i + 1));
    expect(Object.keys(steps[0]!).sort()).toEqual(
      ['step', 'epoch', 'loss', 'learningRate', 'gradNorm', 'tokens', 'paddedTokens', 'stepMs'].sort(),
    );
    expect(lines.filter((l) => l.split === 'validation')).toHaveLength(4);
  });

  it('the registry lists, shows and exports it; an alias can be moved', async () => {
    const [model] = json<{ name: string; aliases: object }[]>(
      await temper(folder, 'models', 'list', '--json'),
    );
    expect(model).toMatchObject({ name: 'tiny-model', aliases: { candidate: 1 } });
    const shown = json<object>(await temper(folder, 'models', 'show', 'tiny-model@candidate', '--json'));
    expect(shown).toMatchObject({ version: 1, meta: { labelNames: ['bad', 'good'] } });
    await temper(folder, 'models', 'promote', 'tiny-model:1');
    json(await temper(folder, 'models', 'export', 'tiny-model@production', 'exported', '--json'));
    expect(await readdir(at('exported'))).toEqual(
      expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json']),
    );
    const again = await temper(folder, 'models', 'export', 'tiny-model', 'exported');
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('not empty') as string });
    const unknown = await temper(folder, 'models', 'show', 'tiny-modle');
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean tiny-model?') as string,
    });
  });

  it('predict uses it', async () => {
    const texts = ['the day was very good', 'the meal was so awful'];
    const answers = json<{ label: string; score: number }[]>(
      await temper(folder, 'predict', 'tiny-model', ...texts, '--json'),
    );
    expect(answers.map((a) => a.label)).toEqual(['good', 'bad']);
    expect(answers[0]!.score).toBeGreaterThan(0.5);
    await writeFile(at('texts.txt'), `${texts.join('\n')}\n`);
    const fromFile = json(await temper(folder, 'predict', 'tiny-model', '--file', 'texts.txt', '--json'));
    expect(fromFile).toEqual(answers);
  });

  it('a run that the gate refuses ends with 1 and says why', async () => {
    const gated = { ...spec, evaluation: { gate: { loss: { max: 0 } } } };
    await writeFile(at('gated.yaml'), stringify(gated));
    const { code, stdout } = await temper(folder, 'run', 'gated.yaml');
    expect(code).toBe(1);
    expect(stdout).toContain('the gate was not passed');
    expect(stdout).toContain('evaluation.gate.loss');
  });

  it('a gate on the texts that a model writes refuses it, and what it wrote is shown as numbers', async () => {
    await wordModel(folder, 'tiny-llama');
    const rows = Array.from({ length: 12 }, (_, i) => ({
      prompt: `w${i + 1} w${i + 2}`,
      completion: ` w${i + 30} w${i + 31}`,
    }));
    await writeFile(at('answers.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const writer = {
      ...{ name: 'writer', task: 'causal-lm', model: { base: 'tiny-llama' }, publish: { model: 'writer' } },
      dataset: { train: 'answers.jsonl', split: { train: 0.5, validation: 0, test: 0.5 } },
      training: { maxSteps: 2, trainBatchSize: 2, evalStrategy: 'no' },
      evaluation: { gate: { exactMatch: { min: 0.5 } }, maxNewTokens: 4, generationRows: 5 },
    };
    await writeFile(at('writer.yaml'), stringify(writer));
    const { code, stdout } = await temper(folder, 'run', 'writer.yaml', '--json');
    expect(code).toBe(1);
    const result = JSON.parse(stdout) as RunResult;
    expect(result.error).toMatchObject({
      code: 'GATE_REFUSED',
      problems: [{ path: 'evaluation.gate.exactMatch', found: '0', allowed: 'at least 0.5' }],
    });
    expect(result.metrics.test).toMatchObject({ exactMatch: 0, generated: { rows: 5, of: 6 } });
    const models = json<{ name: string }[]>(await temper(folder, 'models', 'list', '--json'));
    expect(models.map(({ name }) => name)).not.toContain('writer');
    const shown = await temper(folder, 'runs', 'show', result.runId);
    for (const words of ['exactMatch', 'texts generated for 5 of 6 rows', 'at least 0.5', 'not published'])
      expect(shown.stdout).toContain(words);
  });

  it('a model that says the same to everything is refused by its verdict, unless the spec says otherwise', async () => {
    const training = { maxSteps: 30, trainBatchSize: 8, learningRate: 1, scheduler: 'constant' };
    await writeFile(at('collapsed.yaml'), stringify({ ...spec, training }));
    const refused = await temper(folder, 'run', 'collapsed.yaml', '--json');
    expect(refused.code).toBe(1);
    const result = JSON.parse(refused.stdout) as RunResult;
    // The model before is that of every run over these rows.
    expect(result.stages[3]).toMatchObject({
      cached: false,
      summary: expect.stringMatching(/base model cached$/),
    });
    expect(result.metrics.base).toEqual(first.metrics.base);
    expect(result).toMatchObject({
      status: 'refused',
      error: { code: 'GATE_REFUSED', problems: [{ path: 'evaluation' }] },
    });
    expect(result.verdicts![0]).toMatchObject({ name: 'collapsed', refuses: true });
    expect(result.verdicts![0]!.evidence).toMatch(/^all 40 test rows are predicted "(good|bad)", 20 are/);
    expect(result.verdicts![0]!.change).toMatch(/^training\./);
    const shown = await temper(folder, 'runs', 'show', result.runId);
    expect(shown.stdout).toContain('collapsed: all 40 test rows');
    expect(shown.stdout).toContain('not published: the model is collapsed');

    const open = await temper(folder, 'run', 'collapsed.yaml', '--set', 'evaluation.gate=none', '--json');
    const published = json<RunResult>(open);
    expect(published.status).toBe('completed');
    // What else there is to say of it follows.
    expect(published.verdicts![0]).toMatchObject({ name: 'collapsed' });
    expect(published.verdicts![0]).not.toHaveProperty('refuses');
    await temper(folder, 'models', 'export', `tiny-model:${published.model!.version}`, 'exported-collapsed');
    expect(await readFile(at('exported-collapsed/README.md'), 'utf8')).toContain(
      '- **collapsed**: all 40 test rows',
    );
  });

  it('three rows in all are too few to tell', async () => {
    await writeCsv(at('three.csv'), sentences(3));
    await writeFile(at('three.yaml'), stringify({ ...spec, dataset: { train: 'three.csv' } }));
    const { code, stdout } = await temper(folder, 'run', 'three.yaml', '--json');
    expect(code).toBe(0);
    const { verdicts } = JSON.parse(stdout) as RunResult;
    expect(verdicts!.at(-1)).toMatchObject({
      name: 'too-little-data',
      evidence: expect.stringContaining('measured on 1 test row') as string,
    });
  });

  it('leaves no process behind', async () => {
    expect(json(await temper(folder, 'down', '--json'))).toEqual({ stopped: false });
  });

  it('Ctrl-C stops in good order, and retry goes on to the same end', async () => {
    const run = startTemper(folder, ['run', 'long.yaml', '--json']);
    await until(() => /step \d+\/1200/.test(run.output.stderr));
    run.child.kill('SIGINT');
    const ended = await run.ended;
    expect(ended.code).toBe(130);
    expect(ended.stderr).toContain('keeps its state');
    const runId = /temper runs retry (\S+)/.exec(ended.stderr)![1]!;
    const result = json<RunResult>(await temper(folder, 'runs', 'retry', runId, '--json'));
    expect(result).toMatchObject({ runId, status: 'completed' });
    const metrics = await temper(folder, 'runs', 'metrics', runId, '--json');
    const steps = metrics.stdout
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l) as { step: number; split?: string });
    expect(steps.filter((l) => !l.split).map((l) => l.step)).toEqual(
      Array.from({ length: 1200 }, (_, i) => i + 1),
    );
  });
});

describe('with temper up', () => {
  beforeAll(async () => void json(await temper(folder, 'up', '--detach', '--json')));

  it('a run joins it', async () => {
    const fresh = await temper(folder, 'run', 'spec.yaml', '--set', 'training.seed=5', '--json');
    expect(json<RunResult>(fresh)).toMatchObject({ status: 'completed' });
    expect(fresh.stderr).not.toContain('started');
    expect(json<{ temporal: string }>(await temper(folder, 'up', '--json')).temporal).toContain('127.0.0.1');
  });

  it('a detached run is queued, can be cancelled, and started again', async () => {
    const long = ['run', 'long.yaml', '--set', 'training.seed=6', '--detach', '--json'];
    const { runId } = json<{ runId: string }>(await temper(folder, ...long));
    json(await temper(folder, 'runs', 'cancel', runId, '--json'));
    await until(async () => (await show(runId)).status === 'cancelled');
    expect(json(await temper(folder, 'runs', 'retry', runId, '--detach', '--json'))).toMatchObject({ runId });
    expect(await show(runId)).toMatchObject({ status: 'running', starts: 2 });
    json(await temper(folder, 'runs', 'cancel', runId, '--json'));
    expect(await temper(folder, 'runs', 'cancel', 'no-such-run')).toMatchObject({ code: 2 });
  });

  it('a schedule is created, triggered, listed, paused and deleted', async () => {
    const created = json<{ id: string; next: string[] }>(
      await temper(folder, 'schedule', 'create', 'spec.yaml', '--cron', '0 3 * * *', '--json'),
    );
    expect(created.id).toBe('tiny');
    expect(created.next[0]).toMatch(/T03:00:00/);
    const twice = await temper(folder, 'schedule', 'create', 'spec.yaml', '--every', '1h');
    expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining('exists') as string });
    const wrong = await temper(folder, 'schedule', 'create', 'spec.yaml', '--cron', 'at noon', '--id', 'x');
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('--cron') as string });

    json(await temper(folder, 'schedule', 'trigger', 'tiny', '--json'));
    type Listed = { id: string; paused: boolean; recent: { runId: string }[] };
    let runId = '';
    await until(async () => {
      const [listed] = json<Listed[]>(await temper(folder, 'schedule', 'list', '--json'));
      runId = listed?.recent[0]?.runId ?? '';
      return runId !== '';
    });
    await until(async () => (await show(runId)).status === 'completed');
    expect((await show(runId)).result!.stages.every((s) => s.cached)).toBe(true);

    json(await temper(folder, 'schedule', 'pause', 'tiny', '--json'));
    expect(json<Listed>(await temper(folder, 'schedule', 'show', 'tiny', '--json')).paused).toBe(true);
    json(await temper(folder, 'schedule', 'delete', 'tiny', '--json'));
    expect(json(await temper(folder, 'schedule', 'list', '--json'))).toEqual([]);
    expect(await temper(folder, 'schedule', 'trigger', 'tiny')).toMatchObject({ code: 2 });
  });

  it('down ends it', async () => {
    expect(json(await temper(folder, 'down', '--json'))).toEqual({ stopped: true });
    expect(await readFile(at('.temper/up.json'), 'utf8').catch(() => 'gone')).toBe('gone');
  });
});

const show = async (runId: string) =>
  json<{ status: string; starts: number; result?: RunResult }>(
    await temper(folder, 'runs', 'show', runId, '--json'),
  );

async function until(condition: () => boolean | Promise<boolean>, seconds = 120): Promise<void> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline;) {
    if (await condition()) return;
    await new Promise((done) => setTimeout(done, 250));
  }
  throw new Error('the condition did not come true in time');
}
