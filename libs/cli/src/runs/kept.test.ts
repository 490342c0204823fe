import type { StageHeartbeat, StageName, StageStatus } from '@temper/contracts';
import { expect, it } from 'vitest';
import { keptOf } from './kept.js';

type Run = NonNullable<Parameters<typeof keptOf>[0]>;

/** The stages before `stage` are done; that one is under way, with this heartbeat. */
function at(stage: StageName, beat?: Partial<StageHeartbeat>): Run {
  const names = ['ingest', 'preprocess', 'train', 'evaluate', 'publish'] as const;
  const statusOf = (name: StageName): StageStatus =>
    names.indexOf(name) < names.indexOf(stage) ? 'completed' : name === stage ? 'running' : 'pending';
  const stages = names.map((name) => ({
    ...{ name, status: statusOf(name), cached: false, seconds: 0, attempts: 1 },
  }));
  const heartbeat = beat && { stage, phase: 'training', ...beat };
  return {
    progress: { runId: 'r', pipeline: 'p', status: 'running', stages },
    live: [{ stage, attempt: 1, state: 'running', heartbeat }],
  };
}

it('promises a checkpoint only where there is one, or one will be written', () => {
  expect(keptOf(undefined)).toBe('its state; there is no checkpoint yet');
  expect(keptOf(at('ingest'))).toBe('its state; there is no checkpoint yet');
  expect(keptOf(at('preprocess', {}))).toBe('its finished stages; there is no checkpoint yet');
  expect(keptOf(at('train'))).toBe('its finished stages; there is no checkpoint yet');
  expect(keptOf(at('train', { step: 0 }))).toBe('its finished stages; there is no checkpoint yet');
  expect(keptOf(at('train', { step: 1 }))).toBe('its state and its last checkpoint');
  expect(keptOf(at('train', { checkpoint: 's3://b/m' }))).toBe('its state and its last checkpoint');
  expect(keptOf(at('evaluate', {}))).toBe('its finished stages');
});
