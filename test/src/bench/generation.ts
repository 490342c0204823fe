// npm run bench:generation: tokens a second of SmolLM2, for answers of 32 to 256 tokens.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelMeta } from '@temper/contracts';
import { Predictor } from '@temper/inference';
import { createSessionFactory } from '@temper/onnxruntime';
import { ArtifactStore, MemoryStore } from '@temper/storage';
import { smollm2Folder } from '../parity/real-models.js';

const COUNTS = [32, 64, 128, 256];
const ROUNDS = 5;
/** Between the counts: a token costs the same wherever it stands. */
const MOST = 1.2;
/** The model goes on for longer than is measured. */
const PROMPT = 'Write a long story about a lighthouse, with every detail of each day.';

const folder = await mkdtemp(join(tmpdir(), 'temper-generation-'));
try {
  const artifacts = new ArtifactStore(new MemoryStore(), { cacheFolder: join(folder, 'blobs') });
  const sessions = createSessionFactory('cpu');
  const places = { workFolder: join(folder, 'work'), cacheFolder: join(folder, 'models') };
  await using predictor = await Predictor.open(await published(artifacts), {
    artifacts,
    sessions,
    ...places,
  });
  await predictor.generate(PROMPT, { maxNewTokens: 8 });
  const seconds = new Map(COUNTS.map((count) => [count, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++)
    for (const count of COUNTS) seconds.get(count)!.push(await timed(predictor, count));
  // Of each count the best round: whatever else the machine does makes a round slower, never faster.
  const rates = COUNTS.map((count) => count / Math.min(...seconds.get(count)!));
  COUNTS.forEach((count, i) =>
    process.stdout.write(`${String(count).padStart(4)} tokens  ${rates[i]!.toFixed(1)} tokens/s\n`),
  );
  const ratio = Math.max(...rates) / Math.min(...rates);
  const ok = ratio <= MOST;
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} they differ by ${ratio.toFixed(2)}×, at most ${MOST}×\n`);
  if (!ok) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function timed(predictor: Predictor, maxNewTokens: number): Promise<number> {
  const started = performance.now();
  const { tokens } = await predictor.generate(PROMPT, { maxNewTokens });
  if (tokens !== maxNewTokens) throw new Error(`the model ended after ${tokens} of ${maxNewTokens} tokens`);
  return (performance.now() - started) / 1000;
}

/** The model as it would be after full fine-tuning. */
async function published(artifacts: ArtifactStore) {
  const source = await smollm2Folder();
  const names = (await readdir(source, { withFileTypes: true })).filter((entry) => entry.isFile());
  const files = Object.fromEntries(names.map(({ name }) => [name, join(source, name)]));
  const base = await artifacts.putArtifact('base-model', {}, { format: 'directory', source: 'bench' });
  const none = `sha256:${'0'.repeat(64)}` as const;
  const meta: ModelMeta = {
    task: 'causal-lm',
    format: 'full',
    base,
    maxLength: 1024,
    labelNames: [],
    method: { type: 'full' },
    metrics: {},
    lineage: { dataset: none, tokens: none, checkpoint: none, spec: none },
  };
  return artifacts.putArtifact('model', files, meta);
}
