import type { ArtifactKind, ArtifactRef, NotifyActivities, Provider } from '@temper/contracts';
import type { StageActivities } from '@temper/spec';
import type { PoolActivities } from '@temper/workflows';

const ref = <K extends ArtifactKind>(kind: K, digit: string): ArtifactRef<K> => ({
  kind,
  digest: `sha256:${digit.repeat(64)}`,
  uri: `s3://temper/manifests/sha256/${digit}${digit}/${digit.repeat(64)}.json`,
});

/** Stages that answer at once. */
export const fakes: StageActivities & PoolActivities & NotifyActivities = {
  notify: async () => undefined,
  driftFromProduction: async () => undefined,
  choosePool: async (): Promise<Provider> => 'cpu',
  ingest: async () => ({
    dataset: ref('dataset', 'a'),
    baseModel: ref('base-model', 'b'),
    spec: `sha256:${'9'.repeat(64)}`,
    cached: false,
    summary: '100 rows',
    attempts: 1,
  }),
  preprocess: async () => ({
    tokens: ref('tokens', 'c'),
    cached: true,
    summary: '100 examples',
    attempts: 1,
  }),
  train: async () => ({
    checkpoint: ref('checkpoint', 'd'),
    steps: 10,
    validation: { f1: 0.9 },
    metricsUri: 's3://temper/runs/run/metrics/',
    cached: false,
    summary: '10 steps',
    attempts: 1,
  }),
  evaluate: async () => ({
    base: { f1: 0.4 },
    test: { f1: 0.8 },
    gate: [],
    cached: false,
    summary: 'f1 0.4 → 0.8',
    attempts: 1,
  }),
  publish: async () => ({
    name: 'mail',
    version: 3,
    digest: `sha256:${'e'.repeat(64)}`,
    model: ref('model', 'f'),
    reportUri: 's3://temper/runs/run/report.json',
    cached: false,
    summary: 'mail:3',
    attempts: 1,
  }),
};
