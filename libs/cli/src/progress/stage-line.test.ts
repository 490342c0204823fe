import type { LiveStage } from '@temper/client';
import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { linesByIndex } from './stage-line.js';

const lines = (run: Parameters<typeof linesByIndex>[0]) =>
  linesByIndex(run, Date.now()).map((line) => stripVTControlCharacters(line).trim());

it('a run that no worker answers for has the stages done that its place in the index is behind', () => {
  expect(lines({ stage: 'train', status: 'running', live: [] })).toEqual([
    '✔ ingest',
    '✔ preprocess',
    '● train       waits for a worker',
    '○ evaluate',
    '○ publish',
  ]);
  expect(lines({ stage: 'awaiting-approval', status: 'awaiting-approval', live: [] })).toEqual([
    '✔ ingest',
    '✔ preprocess',
    '✔ train',
    '✔ evaluate',
    '○ publish',
  ]);
});

it('what is pending at the server says more than the index', () => {
  const heartbeat = { phase: 'training', step: 3, totalSteps: 9 } as LiveStage['heartbeat'];
  const live: LiveStage = { stage: 'train', attempt: 2, state: 'running', heartbeat };
  expect(lines({ stage: 'paused', status: 'paused', live: [live] })[2]).toBe(
    '● train       attempt 2  step 3/9',
  );
  expect(lines({ stage: 'train', status: 'running', live: [{ ...live, state: 'waiting' }] })[2]).toContain(
    'waits for a worker',
  );
});

it('where nothing says it, that is said', () => {
  const unknown = ['? which stages are done is not known until a worker tells it'];
  expect(lines({ stage: 'paused', status: 'paused', live: [] })).toEqual(unknown);
  expect(lines({ stage: undefined, status: 'running', live: [] })).toEqual(unknown);
});
