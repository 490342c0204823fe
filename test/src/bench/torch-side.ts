import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TokenRow } from '../parity/golden.js';
import type { Measurement } from './measurement.js';
import { sourceFolder } from '../parity/source-folder.js';
import type { BenchRow } from './rows.js';

const jsonLines = (rows: readonly TokenRow[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Runs peer.py on the row in a process of its own. */
export async function runTorch(
  row: BenchRow,
  { python, threads, folder }: { python: string; threads: number; folder: string },
): Promise<Measurement> {
  const data = join(folder, `${row.id}.train.jsonl`);
  const test = join(folder, `${row.id}.test.jsonl`);
  await writeFile(data, jsonLines(row.train));
  if (row.test) await writeFile(test, jsonLines(row.test));
  const job = {
    model: row.model,
    task: row.task,
    classes: row.classes,
    lora: row.lora ?? null,
    adapter: row.initFrom ?? null,
    nf4: row.nf4 ?? false,
    data,
    test: row.test ? test : null,
    batch: row.batch,
    pad: 0,
    steps: row.steps,
    learningRate: row.learningRate,
    threads,
    reference: join(sourceFolder, 'parity'),
  };
  return JSON.parse(
    await output(python, join(sourceFolder, 'bench', 'peer.py'), JSON.stringify(job)),
  ) as Measurement;
}

function output(python: string, script: string, input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, HF_HUB_OFFLINE: '1', PYTHONDONTWRITEBYTECODE: '1' };
    const child = spawn(python, [script], { stdio: 'pipe', env });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(stdout.trim().split('\n').at(-1)!);
      else reject(new Error(`peer.py ended with status ${code}\n${stderr.slice(-3000)}`));
    });
    child.stdin.end(input);
  });
}
