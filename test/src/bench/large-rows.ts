// Many short labelled rows through ingest and preprocess, each in a process of its own (`npm run bench:rows -- 10000000`): what memory they
// take at most, and so what a row costs. The digests of what they make are shown, to be compared between versions.
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parsePipelineSpec } from '@temper/spec';
import { ingestDataset, preprocessDataset } from '@temper/data';
import { writeTinyBert } from '../cli/tiny-classifier.js';
import { wholeNumbers } from './synthetic.js';

/** The worker process is to stay below this. */
const LIMIT_MB = 1_000;
const SMALL = 20_000;

const spec = parsePipelineSpec({
  name: 'large',
  model: { base: 'm' },
  dataset: { train: 'rows.jsonl' },
  tokenize: { maxLength: 32 },
});

/** Six words and a label; one row of fifty is that of some rows before. */
async function writeRows(file: string, rows: number): Promise<void> {
  const random = wholeNumbers();
  const out = createWriteStream(file);
  let recent = '';
  for (let row = 0; row < rows; row++) {
    const words = Array.from({ length: 6 }, () => (random(2) ? 'good' : random(2) ? 'bad' : 'row'));
    const line = `${JSON.stringify({ text: `${words.join(' ')} ${row}`, label: 'abc'[random(3)] })}\n`;
    if (row % 50 === 0) recent = line;
    if (!out.write(row % 50 === 49 ? recent : line)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

async function digestOf(folder: string, meta: unknown): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(meta));
  for (const name of (await readdir(folder)).sort()) {
    hash.update(name);
    for await (const chunk of createReadStream(join(folder, name))) hash.update(chunk as Buffer);
  }
  return hash.digest('hex').slice(0, 16);
}

interface Measured {
  readonly megabytes: number;
  readonly seconds: number;
  readonly digest: string;
  readonly phases: Record<string, number>;
}

/** In a process of its own. */
async function stage(name: string, folder: string): Promise<Measured> {
  const began = performance.now();
  const phases: Record<string, number> = {};
  const onProgress = ({ phase }: { phase: string }) => {
    phases[phase] = process.resourceUsage().maxRSS / 1e3;
  };
  const out = join(folder, name);
  const { meta } =
    name === 'ingest'
      ? await ingestDataset({
          dataset: spec.dataset,
          sources: { train: [{ files: [join(folder, 'rows.jsonl')] }] },
          folder: out,
          onProgress,
        })
      : await preprocessDataset({
          spec,
          datasetFolder: join(folder, 'ingest'),
          modelFolder: join(folder, 'model'),
          folder: out,
          onProgress,
        });
  const seconds = (performance.now() - began) / 1e3;
  const megabytes = process.resourceUsage().maxRSS / 1e3;
  return { megabytes, seconds, digest: await digestOf(out, meta), phases };
}

async function measured(rows: number): Promise<Record<string, Measured>> {
  const folder = await mkdtemp(join(tmpdir(), 'temper-large-'));
  try {
    await writeTinyBert(join(folder, 'model'));
    await writeRows(join(folder, 'rows.jsonl'), rows);
    const found: Record<string, Measured> = {};
    for (const name of ['ingest', 'preprocess']) {
      const child = fork(fileURLToPath(import.meta.url), ['stage', name, folder]);
      const [result] = (await once(child, 'message')) as [Measured];
      await once(child, 'exit');
      found[name] = result;
    }
    return found;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const [first = '1000000', name = '', folder = ''] = process.argv.slice(2);
if (first === 'stage') {
  process.send!(await stage(name, folder));
} else {
  const rows = Number(first);
  const [small, large] = [await measured(SMALL), await measured(rows)];
  let most = 0;
  for (const [stageName, { megabytes, seconds, digest, phases }] of Object.entries(large)) {
    const before = small[stageName]!;
    const compared = (mb: number, ofSmall: number) =>
      `${mb.toFixed(0)} MB at most (${ofSmall.toFixed(0)} MB), ${(((mb - ofSmall) * 1e6) / (rows - SMALL)).toFixed(0)} bytes a row`;
    most = Math.max(most, megabytes);
    const [count, few] = [rows, SMALL].map((n) => n.toLocaleString('en'));
    console.log(
      `${stageName}, ${count} rows (${few}): ${compared(megabytes, before.megabytes)}, ${seconds.toFixed(0)} s, ${digest} (${before.digest})`,
    );
    for (const [phase, at] of Object.entries(phases))
      console.log(`  until the end of ${phase}: ${compared(at, before.phases[phase]!)}`);
  }
  process.exitCode = most <= LIMIT_MB ? 0 : 1;
}
