import type { RunSnapshot } from '@temper/client';

/**
 * What of a run that stops now is there to go on with: `its state and its last checkpoint`. A training that has made a step writes a
 * checkpoint as it stops; before its first there is none.
 */
export function keptOf(run: Pick<RunSnapshot, 'progress' | 'live'> | undefined): string {
  const stages = run?.progress?.stages ?? [];
  if (stages.some(({ name, status }) => name === 'train' && status === 'completed'))
    return 'its finished stages';
  const beat = run?.live.find(({ stage }) => stage === 'train')?.heartbeat;
  if (beat?.checkpoint !== undefined || (beat?.step ?? 0) > 0) return 'its state and its last checkpoint';
  const kept = stages.some(({ status }) => status === 'completed') ? 'its finished stages' : 'its state';
  return `${kept}; there is no checkpoint yet`;
}
