import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { WorkerMetrics } from '@temper/telemetry/metrics';
import { describe, expect, it } from 'vitest';
import { hasPromtool, promtool, withPromtool } from './promtool.js';

const file = (name: string) =>
  fileURLToPath(new URL(`../../../infra/observability/${name}`, import.meta.url));

describe('the alerts and the dashboard', () => {
  it.each(['alerts.yaml', 'grafana-dashboard.json'])(
    '%s asks for metrics that workers have',
    async (name) => {
      const { registry } = new WorkerMetrics('cpu');
      const known = registry.getMetricsAsArray().map((metric) => metric.name);
      const text = await readFile(file(name), 'utf8');
      const asked = new Set(
        [...text.matchAll(/\b(?:temper|process|nodejs)_\w+/g)].map(([n]) => n.replace(/_bucket$/, '')),
      );
      expect(asked.size).toBeGreaterThan(5);
      expect([...asked].filter((metric) => !known.includes(metric))).toEqual([]);
    },
  );

  it('the docs have a row for each of our own', async () => {
    const { registry } = new WorkerMetrics('cpu');
    const docs = await readFile(
      fileURLToPath(new URL('../../../docs/observability.md', import.meta.url)),
      'utf8',
    );
    for (const { name } of registry.getMetricsAsArray()) {
      if (name.startsWith('temper_')) expect(docs).toContain(`\`${name}\``);
    }
  });
});

describe.skipIf(!hasPromtool)(withPromtool, () => {
  it('the configuration and the alerts are valid, and fire as they should', async () => {
    for (const args of [
      ['check', 'config', file('prometheus.yaml')],
      ['check', 'rules', file('alerts.yaml')],
      ['test', 'rules', file('alerts.test.yaml')],
    ]) {
      const { code, said } = await promtool(args);
      expect({ args, code, said }).toMatchObject({ code: 0 });
    }
  });
});
