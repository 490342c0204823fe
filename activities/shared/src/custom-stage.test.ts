import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { TemperError, type ArtifactRef } from '@temper/contracts';
import { parsePipelineSpec, type StageInput, type StageOutput } from '@temper/spec';
import { MemoryStore } from '@temper/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { customStage, type CustomStage } from './custom-stage.js';
import { stagePorts, type StagePorts } from './ports.js';

interface Input extends StageInput {
  readonly words: readonly string[];
}
interface Output extends StageOutput {
  readonly words: number;
  readonly report: ArtifactRef<'report'>;
}

const spec = parsePipelineSpec({ name: 'mail', model: { base: './m' }, dataset: { train: 'a.csv' } });
const input: Input = { runId: 'run-1', spec, words: ['a', 'b'] };
let home: string;
let ports: StagePorts;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'temper-custom-'));
  ports = stagePorts({ store: new MemoryStore(), home });
});
afterAll(() => rm(home, { recursive: true }));

let runs = 0;
const counting: CustomStage<Input, Output> = {
  name: 'countWords',
  code: 'count-words/1',
  reads: ({ words }) => ({ inputs: [], settings: words }),
  async run({ words }, { report }) {
    runs++;
    report({ phase: 'counting', step: words.length });
    const stored = await ports.artifacts.putArtifact('report', {}, { words: words.length });
    return { words: words.length, report: stored, summary: `${words.length} words` };
  },
};
const call = (stage: CustomStage<Input, Output>, given = input, attempt = 1) =>
  new MockActivityEnvironment({ attempt }).run(customStage(ports, stage), given) as Promise<Output>;

describe('a stage of somebody’s own', () => {
  it('is cached by what it reads and by the version of its code', async () => {
    expect(await call(counting)).toMatchObject({ words: 2, cached: false, attempts: 1, summary: '2 words' });
    expect(await call(counting, { ...input, runId: 'run-2' }, 3)).toMatchObject({
      cached: true,
      attempts: 3,
    });
    expect(runs).toBe(1);
    expect(await call(counting, { ...input, words: ['c'] })).toMatchObject({ words: 1, cached: false });
    expect(await call({ ...counting, code: 'count-words/2' })).toMatchObject({ cached: false });
    expect(await call(counting, { ...input, fresh: true })).toMatchObject({ cached: false });
    expect(runs).toBe(4);
  });

  it('does its work again where what it made is gone', async () => {
    const { report } = await call(counting);
    await ports.store.delete(report.uri.slice('s3://temper/'.length));
    expect(await call(counting)).toMatchObject({ cached: false });
  });

  it('ends with its error’s code, by which it is tried again or not', async () => {
    const failing = (error: Error) =>
      call({ ...counting, run: () => Promise.reject(error) }, { ...input, fresh: true });
    await expect(failing(new TemperError('DATA_INVALID', 'no rows'))).rejects.toMatchObject({
      type: 'DATA_INVALID',
      nonRetryable: true,
    });
    const down = await failing(new TemperError('STORE_UNAVAILABLE', 'down')).catch((e: unknown) => e);
    expect(down).toBeInstanceOf(ApplicationFailure);
    expect((down as ApplicationFailure).nonRetryable).toBe(false);
  });

  it('has a name of its own', () => {
    for (const name of ['train', '', 'a/b', '../x'])
      expect(() => customStage(ports, { ...counting, name })).toThrow(/^customStage\.name: /);
  });
});
