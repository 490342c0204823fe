import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { Context } from '@temporalio/activity';
import { TemperError, type NotifyActivities, type RunProgress } from '@temper/contracts';
import {
  parsePipelineSpec,
  type PipelineSpec,
  type PipelineSpecInput,
  type StageActivities,
} from '@temper/spec';
import type { PoolActivities } from '@temper/workflows';

/** One way through a run: what its stages answer, and what people do meanwhile. */
export interface Way {
  readonly spec: PipelineSpec;
  readonly activities: Partial<StageActivities & PoolActivities & NotifyActivities>;
  readonly meanwhile?: (handle: WorkflowHandle) => Promise<unknown>;
}
export type Ways = Readonly<Record<string, Way>>;

export const spec = (more: Partial<PipelineSpecInput> = {}): PipelineSpec =>
  parsePipelineSpec({
    name: 'mail',
    model: { base: './minilm' },
    dataset: { train: 'mail.csv' },
    ...more,
  });

export const gate = [{ metric: 'f1', value: 0.5, rule: 'at least 0.6' }];
export const died = new TemperError('TRAINER_DIED', 'the trainer process was killed by SIGKILL');

/** Works until it is interrupted, heart beating. */
export const beating = async (): Promise<never> => {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), 50);
  return context.cancelled.finally(() => clearInterval(beat));
};

export const until = async (handle: WorkflowHandle, isSo: (progress: RunProgress) => boolean) => {
  while (!isSo(await handle.query<RunProgress>('progress'))) await sleep(20);
};
export const trains = ({ stages }: RunProgress) =>
  stages.some((s) => s.name === 'train' && s.status === 'running');
