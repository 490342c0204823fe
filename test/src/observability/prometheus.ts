import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@temper/telemetry/metrics';
import { eventually } from '../e2e/stack.js';

const program = process.env['TEMPER_PROMETHEUS'] ?? 'prometheus';
export const hasPrometheus = await promisify(execFile)(program, ['--version']).then(
  () => true,
  () => false,
);
export const withPrometheus = `with Prometheus${hasPrometheus ? '' : ' (skipped: not installed, it is in the Debian package prometheus)'}`;

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: { readonly result: readonly unknown[] };
}

/** A real Prometheus that scrapes the given addresses every second, in a folder that goes with it. */
export class Prometheus implements AsyncDisposable {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly url: string,
  ) {}

  static async scraping(targets: readonly string[]): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), 'temper-prometheus-'));
    const address = `127.0.0.1:${await freePort()}`;
    const config = {
      global: { scrape_interval: '1s' },
      scrape_configs: [{ job_name: 'temper-worker', static_configs: [{ targets }] }],
    };
    // JSON is YAML.
    await writeFile(join(folder, 'prometheus.yaml'), JSON.stringify(config));
    const child = spawn(
      program,
      [
        `--config.file=${folder}/prometheus.yaml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=${address}`,
      ],
      { stdio: 'ignore' },
    );
    const prometheus = new Prometheus(child, folder, `http://${address}`);
    const ready = () =>
      fetch(`http://${address}/-/ready`).then(
        (reply) => reply.ok,
        () => false,
      );
    await eventually('Prometheus', ready);
    return prometheus;
  }

  /** Series of an instant query, looked at over the last minutes: what was there for a moment counts. */
  async series(query: string): Promise<readonly unknown[]> {
    const now = Date.now() / 1000;
    const range = new URLSearchParams({ query, start: `${now - 600}`, end: `${now}`, step: '1' });
    const reply = await fetch(`${this.url}/api/v1/query_range?${range.toString()}`);
    const { status, error, data } = (await reply.json()) as Answer;
    if (status !== 'success') throw new Error(`${query}: ${error}`);
    return data.result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
    await rm(this.folder, { recursive: true, force: true });
  }
}
