import { describe, expect, it } from 'vitest';
import { WorkerMetrics } from './worker-metrics.js';

/** Labels in the order of their names: they have none of their own. */
const sorted = (line: string) =>
  line.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(',').sort().join(',')}}`);
const lines = async (metrics: WorkerMetrics, prefix = '') =>
  (await metrics.registry.metrics())
    .split('\n')
    .map(sorted)
    .filter((line) => line.startsWith(prefix));

describe("a worker's metrics", () => {
  it('count steps and tokens from sums that begin anew with each trainer', async () => {
    const metrics = new WorkerMetrics('cpu');
    for (let attempt = 0; attempt < 2; attempt++) {
      using watch = metrics.training.watch('mail');
      watch.progress({ loss: 0.5, done: { steps: 10, tokens: 1000, seconds: 2 } });
      watch.progress({ loss: 0.25, done: { steps: 15, tokens: 1600, seconds: 4 } });
      watch.progress({ loss: 0.25, done: { steps: 15, tokens: 1600, seconds: 4 } });
      expect(await lines(metrics, 'temper_training_loss{')).toEqual([
        'temper_training_loss{pipeline="mail",pool="cpu"} 0.25',
      ]);
      expect(await lines(metrics, 'temper_training_steps_per_second{')).toEqual([
        'temper_training_steps_per_second{pipeline="mail",pool="cpu"} 2.5',
      ]);
      expect(await lines(metrics, 'temper_training_tokens_per_second{')).toEqual([
        'temper_training_tokens_per_second{pipeline="mail",pool="cpu"} 300',
      ]);
    }
    expect(await lines(metrics, 'temper_training_steps_total{')).toEqual([
      'temper_training_steps_total{pipeline="mail",pool="cpu"} 30',
    ]);
    expect(await lines(metrics, 'temper_training_tokens_total{')).toEqual([
      'temper_training_tokens_total{pipeline="mail",pool="cpu"} 3200',
    ]);
  });

  it('are the mean loss and the whole speed of the trainings of a pipeline at a time, and forget one that has ended', async () => {
    const metrics = new WorkerMetrics('cpu');
    const shown = async () => {
      const gauges = ['loss', 'steps_per_second', 'tokens_per_second'];
      const found = await Promise.all(gauges.map((name) => lines(metrics, `temper_training_${name}{`)));
      return found.map(([line]) => line && Number(line.split(' ')[1]));
    };
    const [first, second] = [metrics.training.watch('mail'), metrics.training.watch('mail')];
    expect(await shown()).toEqual([undefined, undefined, undefined]);
    first.progress({ loss: 1, done: { steps: 2, tokens: 30, seconds: 1 } });
    second.progress({ loss: 2, done: { steps: 1, tokens: 20, seconds: 1 } });
    expect(await shown()).toEqual([1.5, 3, 50]);
    first[Symbol.dispose]();
    expect(await shown()).toEqual([2, 1, 20]);
    second[Symbol.dispose]();
    expect(await shown()).toEqual([undefined, undefined, undefined]);
  });

  it('tell refusals of the store from its answers', async () => {
    const metrics = new WorkerMetrics('cpu');
    for (const code of ['200', '404', '412', '503', 'no_answer']) {
      metrics.storeRequest({ operation: 'PutObject', code, seconds: 0.1 });
    }
    expect(await lines(metrics, 'temper_s3_requests_total{')).toHaveLength(5);
    expect((await lines(metrics, 'temper_s3_errors_total{')).map((l) => /code="(\w+)"/.exec(l)![1])).toEqual([
      '503',
      'no_answer',
    ]);
    expect(await lines(metrics, 'temper_s3_seconds_count{')).toEqual([
      'temper_s3_seconds_count{operation="PutObject",pool="cpu"} 5',
    ]);
  });

  it('follow a stage from its start to its outcome', async () => {
    const metrics = new WorkerMetrics('webgpu');
    const attempt = { pipeline: 'mail', stage: 'train' } as const;
    metrics.stageStarted(attempt, 7);
    const running = await lines(metrics, 'temper_stages_running{');
    expect(running).toContain('temper_stages_running{pool="webgpu",stage="train"} 1');
    expect(running).toContain('temper_stages_running{pool="webgpu",stage="publish"} 0');
    // There before the first failure, so that an alert sees that one rise.
    expect(await lines(metrics, 'temper_stage_failures_total{')).toContain(
      'temper_stage_failures_total{code="LOSS_DIVERGED",pool="webgpu",stage="train"} 0',
    );
    metrics.stageEnded(attempt, 'failed', 3, 'LOSS_DIVERGED');
    const all = await lines(metrics);
    for (const line of [
      'temper_stages_running{stage="train",pool="webgpu"} 0',
      'temper_queue_wait_seconds_bucket{le="5",stage="train",pool="webgpu"} 0',
      'temper_queue_wait_seconds_bucket{le="15",stage="train",pool="webgpu"} 1',
      'temper_stage_attempts_total{pipeline="mail",stage="train",outcome="failed",pool="webgpu"} 1',
      'temper_stage_failures_total{stage="train",code="LOSS_DIVERGED",pool="webgpu"} 1',
      'temper_stage_seconds_sum{stage="train",outcome="failed",pool="webgpu"} 3',
    ]) {
      expect(all).toContain(sorted(line));
    }
  });
});
