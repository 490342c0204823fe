import type { TrainJob, TrainerEvent } from './job.js';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTrainer } from './trainer-process.js';

const job = { kind: 'train', runId: 'mail-20260101-120000-abcd', attempt: 1 } as TrainJob;
let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-trainer-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A child that does `body` with its job. */
async function child(body: string): Promise<string> {
  const file = join(folder, `trainer-${++files}.mjs`);
  const end = 'const end = (e, code) => process.send(e, () => process.exit(code));';
  await writeFile(file, `${end}\nprocess.on('message', (job) => { ${body} });\n`);
  return file;
}

describe('the trainer process', () => {
  it('takes its job, tells its events and answers', async () => {
    const events: TrainerEvent[] = [];
    const entry = await child(`
      process.send({ type: 'progress', phase: 'training', step: job.attempt });
      end({ type: 'done', output: { argv: process.argv.slice(2), value: process.env.GIVEN } }, 0);`);
    const output = await runTrainer(job, { entry, env: { GIVEN: 'x' }, onEvent: (e) => events.push(e) });
    expect(output).toEqual({ argv: ['train', '20260101-120000-abcd'], value: 'x' });
    expect(events).toEqual([{ type: 'progress', phase: 'training', step: 1 }]);
  });

  it("rejects with the child's own error, code and problems", async () => {
    const problems = '[{ path: "training step 3", message: "the loss is NaN" }]';
    const entry = await child(`end({ type: 'error', code: 'LOSS_DIVERGED', problems: ${problems} }, 1);`);
    await expect(runTrainer(job, { entry })).rejects.toMatchObject({
      code: 'LOSS_DIVERGED',
      retryable: false,
      problems: [{ path: 'training step 3' }],
    });
  });

  it.each([
    ["process.stderr.write('out of memory', () => process.exit(3));", /status 3/],
    ["process.stderr.write('out of memory', () => process.kill(process.pid, 'SIGKILL'));", /SIGKILL/],
  ])('says how a child died, with its last words: %s', async (body, how) => {
    await expect(runTrainer(job, { entry: await child(body) })).rejects.toMatchObject({
      code: 'TRAINER_DIED',
      retryable: true,
      problems: [{ message: expect.stringMatching(how) as string, found: 'out of memory' }],
    });
  });

  it('asks the child to stop when it is aborted, and gives the reason of the abort', async () => {
    const abort = new AbortController();
    const events: string[] = [];
    const entry = await child(`
      process.on('SIGTERM', () => end({ type: 'interrupted', step: 7 }, 75));
      process.send({ type: 'progress', phase: 'training' });`);
    const running = runTrainer(job, {
      entry,
      signal: abort.signal,
      onEvent: (event) => {
        events.push(event.type);
        abort.abort(new Error('cancelled by its user'));
      },
    });
    await expect(running).rejects.toThrow('cancelled by its user');
    expect(events).toEqual(['progress', 'interrupted']);
  });

  it('kills a child that does not stop', async () => {
    const abort = new AbortController();
    const entry = await child(`
      process.on('SIGTERM', () => undefined);
      process.send({ type: 'progress', phase: 'training' });
      setInterval(() => undefined, 1000);`);
    const running = runTrainer(job, {
      entry,
      signal: abort.signal,
      graceMs: 200,
      onEvent: () => abort.abort(new Error('shut down')),
    });
    await expect(running).rejects.toThrow('shut down');
  });
});
