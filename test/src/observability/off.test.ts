import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** What of OpenTelemetry and prom-client a process has loaded after it has done `code`. */
async function loadedBy(code: string, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: _, TEMPER_METRICS_PORT: __, ...outer } = process.env;
  const script = `${code}
    const { createRequire } = await import('node:module');
    const loaded = Object.keys(createRequire(import.meta.url).cache).flatMap((file) =>
      file.match(/node_modules\\/(@opentelemetry\\/[^/]+|prom-client)/)?.[1] ?? []);
    console.log(JSON.stringify([...new Set(loaded)].sort()));
    process.exit();`;
  const args = ['--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: root,
    env: { ...outer, ...env },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as string[];
}

const worker = `
  const { startTelemetry } = await import('./workers/shared/dist/index.js');
  const logger = { info() {}, warn() {}, isLevelEnabled: () => false };
  await startTelemetry('cpu', logger);`;
const trainer = `
  const { runJob } = await import('./workers/trainer/dist/run-job.js');
  await runJob({ kind: 'train', workFolder: '/nowhere', spec: {} }, { report() {}, interrupted: () => false });`;
const commandLine = `
  const { traced, clientInterceptors } = await import('./libs/cli/dist/tracing.js');
  await traced({ name: () => 'run', parent: null }, async () => 0);
  await clientInterceptors();`;

describe('where nothing is switched on', () => {
  it.each(Object.entries({ worker, trainer, commandLine }))('the %s loads nothing of it', async (_, code) => {
    expect(await loadedBy(code)).toEqual([]);
  });
});

describe('where it is switched on', () => {
  // Nobody listens there: what cannot be sent is no failure.
  const on = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', TEMPER_METRICS_PORT: '0' };

  it.each(Object.entries({ trainer, commandLine }))('the %s loads the tracer', async (_, code) => {
    expect(await loadedBy(code, on)).toContain('@opentelemetry/sdk-trace-base');
  });

  it('the worker loads both', async () => {
    const loaded = await loadedBy(worker, on);
    expect(loaded).toContain('prom-client');
    expect(loaded).toContain('@opentelemetry/sdk-trace-base');
  });
});
