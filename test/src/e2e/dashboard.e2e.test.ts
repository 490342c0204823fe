import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { writeTinyPipeline } from '../cli/tiny-classifier.js';
import { startTemper } from '../cli/temper.js';
import { S3Proxy } from '../faults/s3-proxy.js';
import { hasPrometheus, Prometheus, withPrometheus } from '../observability/prometheus.js';
import { eventually, Stack, trainersOf } from './stack.js';

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}
const file = new URL('../../../infra/observability/grafana-dashboard.json', import.meta.url);
const { panels } = JSON.parse(await readFile(fileURLToPath(file), 'utf8')) as { panels: readonly Panel[] };
const queries = panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => [title, expr] as const),
);

/** As Grafana does for all pools and pipelines and its shortest rate interval: four scrapes. */
const filledIn = (expr: string) =>
  expr.replaceAll(/\$(pool|pipeline)\b/g, '.*').replaceAll('$__rate_interval', '4s');

let stack: Stack;
let proxy: S3Proxy;
let prometheus: Prometheus;

const training = {
  ...{ maxSteps: 400, learningRate: 1e-3, trainBatchSize: 8, saveSteps: 20 },
  evalStrategy: 'no',
} as const;

/** A run of which a trainer is killed, over a store that fails now and then: all that a dashboard is looked at for. */
async function run(): Promise<void> {
  const spec = { ...(await writeTinyPipeline(stack.folder, 300)), name: 'watched', training };
  await writeFile(join(stack.folder, 'spec.yaml'), stringify(spec));
  const command = startTemper(stack.folder, ['run', 'spec.yaml', '--json', '--fresh'], stack.services.env);
  const runId = await eventually('the run', async () => /run (watched-\S+)/.exec(command.output.stderr)?.[1]);
  await eventually('a checkpoint', async () => (await stack.checkpointStep(runId)) >= 40);
  proxy.rate = 0.02;
  for (const pid of await trainersOf(runId)) process.kill(pid, 'SIGKILL');
  const { code, stderr } = await command.ended;
  expect({ code, stderr }).toMatchObject({ code: 0 });
  // Rates are of two scrapes.
  await sleep(5_000);
}

describe.skipIf(!hasPrometheus)(withPrometheus, () => {
  beforeAll(async () => {
    stack = await Stack.start();
    proxy = await S3Proxy.start(stack.services.env['S3_ENDPOINT']!);
    const worker = await stack.worker('cpu', { S3_ENDPOINT: proxy.endpoint, TEMPER_METRICS_PORT: '0' });
    const url = await eventually(
      'the address of the metrics',
      async () => /"url":"([^"]+)","msg":"metrics"/.exec(await readFile(worker.log, 'utf8'))?.[1],
    );
    prometheus = await Prometheus.scraping([new URL(url).host]);
    await run();
  });
  afterAll(async () => {
    await prometheus[Symbol.asyncDispose]();
    await stack[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });

  it.each(queries)('the panel "%s" shows a live run: %s', async (_, expr) => {
    expect(await prometheus.series(filledIn(expr))).not.toEqual([]);
  });

  it('an expression of nothing has no series, so the panels above have theirs from the run', async () => {
    expect(await prometheus.series('temper_training_loss{pipeline="another"}')).toEqual([]);
  });
});
