import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stagePorts } from '@temper/activity';
import { definePipeline } from '@temper/client';
import { TemperError } from '@temper/contracts';
import { TemperTestEnvironment } from '@temper/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ownActivities } from '../../../docs/examples/custom-activities.js';
import type { Filtered } from '../../../docs/examples/custom-workflows.js';
import { testServer } from './test-server.js';

let home: string;
let temper: TemperTestEnvironment;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'temper-custom-'));
  temper = await TemperTestEnvironment.create({
    server: await testServer(),
    workflowsPath: join(import.meta.dirname, '../../../docs/examples/custom-workflows.ts'),
    activities: (store) => ownActivities(stagePorts({ store, home })),
  });
});
afterAll(async () => {
  await temper[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

const spec = definePipeline({
  name: 'mail',
  model: { base: 'hf:org/m' },
  dataset: { train: 's3://bucket/a.csv' },
});
const started = (words: string[], workflowId: string) => ({
  taskQueue: 'temper-cpu',
  workflowId,
  args: [spec, words],
});

it('a workflow of one’s own is tested with fakes of the stages and with its own stage as it is', async () => {
  await temper.run({}, async ({ client, calls }) => {
    const run = async (words: string[], id: string) =>
      (await client.temporal.workflow.execute('trainWithoutRows', started(words, id))) as Filtered;
    // The fake data set has a line that says what it stands in for.
    const first = await run(['fake'], 'first');
    expect(first).toEqual({ dropped: 1, model: 'mail:1' });
    expect(calls.preprocess[0]!.dataset.digest).not.toBe(calls.evaluate[0]!.baseModel.digest);
    const other = await run(['nowhere'], 'other');
    expect(other).toEqual({ dropped: 0, model: 'mail:2' });
    const [a, b] = calls.preprocess;
    expect(a!.dataset.digest).not.toBe(b!.dataset.digest);
    expect((await client.models.lineage('mail:1')).dataset.ref.digest).toBe(a!.dataset.digest);
  });
});

it('stops where a stage before its own fails', async () => {
  const fails = new TemperError('SOURCE_REFUSED', 'no access');
  await temper.run({ ingest: { fails } }, async ({ client, calls }) => {
    const run = client.temporal.workflow.execute('trainWithoutRows', started(['x'], 'refused'));
    await expect(run).rejects.toThrow();
    expect(calls.preprocess).toEqual([]);
  });
});
