// A million rows of thirty words through the preprocess stage with clean.dedupe: near (`npm run bench:near`): what it takes,
// and whether it finds the pairs that were planted.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePipelineSpec } from '@temper/spec';
import { preprocessDataset, readTokens } from '@temper/data';
import { writeTinyBert } from '../cli/tiny-classifier.js';
import { wholeNumbers } from './synthetic.js';

const ROWS = Number(process.argv[2] ?? 1_000_000);
const WORDS = 30;
const VOCABULARY = 20_000;
const LIMITS = { minutes: 10, gigabytes: 2, found: 0.99 };

/** The same rows every time. */
const random = wholeNumbers();
const words = (count: number, first = 'w') =>
  Array.from({ length: count }, () => `${first}${random(VOCABULARY).toString(36)}`);

/** Every fiftieth row is that of ten rows before with its last words changed. */
const PLANTED = 50;
const BACK = 10;
/** 26 shingles of 30 words; `changed` last words make as many of them others: J = (26 − c) / (26 + c). */
const similarity = (changed: number) => (26 - changed) / (26 + changed);

interface Planted {
  readonly text: string;
  readonly similarity: number;
}

async function writeRows(file: string): Promise<Planted[]> {
  const planted: Planted[] = [];
  const recent: string[][] = [];
  const out = createWriteStream(file);
  for (let row = 0; row < ROWS; row++) {
    const changed = row % PLANTED === PLANTED - 1 ? 1 + random(4) : 0;
    const own = changed
      ? [...recent[BACK - 1]!.slice(0, WORDS - changed), ...words(changed, 'c')]
      : words(WORDS);
    recent.unshift(own);
    recent.length = Math.min(recent.length, BACK);
    const text = own.join(' ');
    if (changed) planted.push({ text, similarity: similarity(changed) });
    if (!out.write(`${JSON.stringify({ text, label: 'ab'[Math.floor(row / PLANTED) % 2] })}\n`))
      await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  return planted;
}

/** A model whose tokenizer knows every word, so that rows are told apart by their tokens; returns those of a text. */
async function writeModel(modelFolder: string): Promise<(text: string) => number[]> {
  await writeTinyBert(modelFolder);
  const [tokenizerFile, configFile] = ['tokenizer.json', 'config.json'].map((name) =>
    join(modelFolder, name),
  );
  const tokenizer = JSON.parse(await readFile(tokenizerFile!, 'utf8')) as {
    model: { vocab: Record<string, number> };
  };
  const { vocab } = tokenizer.model;
  let size = Object.keys(vocab).length;
  for (const first of 'wc') {
    for (let i = 0; i < VOCABULARY; i++) vocab[`${first}${i.toString(36)}`] = size++;
  }
  await writeFile(tokenizerFile!, JSON.stringify(tokenizer));
  const config = JSON.parse(await readFile(configFile!, 'utf8')) as object;
  await writeFile(configFile!, JSON.stringify({ ...config, vocab_size: size }));
  return (text) => text.split(' ').map((word) => vocab[word]!);
}

const folder = await mkdtemp(join(tmpdir(), 'temper-near-'));
try {
  await mkdir(join(folder, 'dataset'));
  const planted = await writeRows(join(folder, 'dataset', 'train.jsonl'));
  const modelFolder = join(folder, 'model');
  const idsOf = await writeModel(modelFolder);
  const spec = parsePipelineSpec({
    name: 'near',
    model: { base: 'm' },
    dataset: {
      train: 'rows.jsonl',
      split: { train: 0.9, validation: 0.05, test: 0.05 },
      clean: { dedupe: 'near' },
    },
    tokenize: { maxLength: 48 },
  });
  const began = performance.now();
  const seconds: Record<string, number> = {};
  let phase = { name: 'cleaning', since: began };
  const { meta } = await preprocessDataset({
    spec,
    datasetFolder: join(folder, 'dataset'),
    modelFolder,
    folder: join(folder, 'tokens'),
    onProgress: ({ phase: name }) => {
      const now = performance.now();
      seconds[phase.name] = (seconds[phase.name] ?? 0) + (now - phase.since) / 1000;
      phase = { name, since: now };
    },
  });
  const minutes = (performance.now() - began) / 60_000;
  const gigabytes = process.resourceUsage().maxRSS / 1e6;

  const kept = new Set<string>();
  for (const { inputIds, offsets } of Object.values(await readTokens(join(folder, 'tokens'), 'class'))) {
    // Without [CLS] and [SEP].
    for (let i = 0; i + 1 < offsets.length; i++)
      kept.add(inputIds.subarray(offsets[i]! + 1, offsets[i + 1]! - 1).join(' '));
  }
  const isKept = ({ text }: Planted) => kept.has(idsOf(text).join(' '));
  const share = (rows: readonly Planted[]) => rows.filter((row) => !isKept(row)).length / rows.length;
  const above = planted.filter((row) => row.similarity >= 0.85);
  const below = planted.filter((row) => row.similarity < 0.8);
  const found = share(above);
  const wrong = share(below);
  console.log(`${ROWS.toLocaleString('en')} rows of ${WORDS} words, ${planted.length} planted`);
  console.log(`${minutes.toFixed(2)} minutes, ${gigabytes.toFixed(2)} GB at most`);
  for (const [name, took] of Object.entries(seconds)) console.log(`  ${name} ${took.toFixed(1)} s`);
  console.log(`found ${(found * 100).toFixed(3)}% of ${above.length} pairs at 0.85 and more`);
  console.log(`dropped ${wrong * below.length} of ${below.length} pairs below 0.8`);
  console.log(
    `dropped in all ${meta.cleaning.dropped.nearDuplicate}; leaks ${meta.leaks!.exact} exact, ${meta.leaks!.near} near`,
  );
  const held = minutes <= LIMITS.minutes && gigabytes <= LIMITS.gigabytes;
  process.exitCode = held && found >= LIMITS.found && wrong === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
