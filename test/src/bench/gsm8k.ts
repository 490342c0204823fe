import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TokenizedSplit } from '@temper/contracts';
import { parsePipelineSpec } from '@temper/spec';
import { preprocessDataset, readTokens } from '@temper/data';
import type { TokenRow } from '../parity/golden.js';
import { smollm2Folder } from '../parity/real-models.js';

const TRAIN_ROWS = 160;
const TEST_ROWS = 64;

/** The first rows of train.jsonl and test.jsonl ({question, answer}) through SmolLM2's chat template, answers counted. */
export async function gsm8kRows(
  source: string,
): Promise<{ model: string; train: TokenRow[]; test: TokenRow[] }> {
  const model = await smollm2Folder();
  const folder = await mkdtemp(join(tmpdir(), 'temper-gsm8k-'));
  try {
    const datasetFolder = join(folder, 'dataset');
    await mkdir(datasetFolder);
    await writeFile(
      join(datasetFolder, 'train.jsonl'),
      await firstRows(join(source, 'train.jsonl'), TRAIN_ROWS),
    );
    await writeFile(
      join(datasetFolder, 'test.jsonl'),
      await firstRows(join(source, 'test.jsonl'), TEST_ROWS),
    );
    const spec = parsePipelineSpec({
      name: 'gsm8k',
      task: 'causal-lm',
      model: { base: model },
      dataset: { train: 'train.jsonl', test: 'test.jsonl', split: { train: 1, validation: 0, test: 0 } },
    });
    await preprocessDataset({ spec, datasetFolder, modelFolder: model, folder: join(folder, 'tokens') });
    const { train, test } = await readTokens(join(folder, 'tokens'), 'token');
    return { model, train: rowsOf(train!), test: rowsOf(test!) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function firstRows(file: string, count: number): Promise<string> {
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, count);
  return lines
    .map((line) => JSON.parse(line) as { question: string; answer: string })
    .map(({ question, answer }) => `${JSON.stringify({ prompt: question, completion: answer })}\n`)
    .join('');
}

const rowsOf = ({ inputIds, labels, offsets }: TokenizedSplit): TokenRow[] =>
  Array.from({ length: offsets.length - 1 }, (_, i) => ({
    input_ids: [...inputIds.subarray(offsets[i], offsets[i + 1])],
    labels: [...labels.subarray(offsets[i], offsets[i + 1])],
  }));
