import type { ArtifactRef, Digest, ModelMeta } from '@temper/contracts';
import { expect, it } from 'vitest';
import { compareVersions, type VersionMade } from './compare.js';

const digest = (digit: string): Digest => `sha256:${digit.repeat(64)}`;
const base: ArtifactRef<'base-model'> = { kind: 'base-model', digest: digest('a'), uri: '' };
const artifact: ArtifactRef<'model'> = { kind: 'model', digest: digest('f'), uri: '' };

function made(
  version: number,
  weights: Digest,
  more: Partial<ModelMeta>,
  spec: object | undefined,
): VersionMade {
  const lineage = { dataset: digest('b'), tokens: digest('c'), checkpoint: digest('d'), spec: digest('e') };
  const meta: ModelMeta = {
    ...{ task: 'sequence-classification', format: 'full', base, labelNames: [], maxLength: 8 },
    ...{ method: {}, metrics: {}, lineage },
    ...more,
  };
  const entry = {
    name: 'mail',
    version,
    digest: weights,
    uri: '',
    artifact,
    runId: 'r',
    createdAt: '',
    metrics: {},
  };
  return { version: entry, meta, bytes: 10 * version, spec };
}

it('has what differs of two versions field by field, and metrics split by split with the difference', () => {
  const one = made(
    1,
    digest('1'),
    { metrics: { test: { f1: 0.5, labels: ['x'] }, validation: { loss: 2 } } },
    {
      training: { seed: 1, epochs: 3 },
      method: { type: 'lora', r: 8 },
    },
  );
  const two = made(
    2,
    digest('2'),
    { metrics: { test: { f1: 0.75, loss: 1 } } },
    {
      training: { seed: 2, epochs: 3 },
      method: { type: 'full' },
    },
  );
  expect(compareVersions(one, two)).toMatchObject({
    a: 'mail:1',
    b: 'mail:2',
    weights: { equal: false },
    bytes: { a: 10, b: 20 },
    madeFrom: { dataset: { equal: true }, adapter: { a: undefined, b: undefined, equal: true } },
    spec: [
      { path: 'training.seed', a: 1, b: 2 },
      { path: 'method.type', a: 'lora', b: 'full' },
      { path: 'method.r', a: 8, b: undefined },
    ],
    metrics: {
      validation: { loss: { a: 2, b: undefined, difference: undefined } },
      test: { f1: { a: 0.5, b: 0.75, difference: 0.25 }, loss: { a: undefined, b: 1 } },
    },
  });
});

it('says of equal versions that they are, and of a spec that is not kept nothing', () => {
  const one = made(1, digest('1'), {}, {});
  expect(compareVersions(one, one)).toMatchObject({ weights: { equal: true }, spec: [], metrics: {} });
  expect(compareVersions(one, { ...one, spec: undefined }).spec).toBeUndefined();
});
