import {
  splitNames,
  TemperError,
  type CleaningReport,
  type PipelineSpec,
  type SplitName,
  type TokensMeta,
} from '@temper/contracts';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeTokens } from '../batching/token-files.js';
import { Cleaner } from '../cleaning/clean.js';
import { assignSplits } from '../split/assign.js';
import { fractionsOfTrain } from '../split/fractions.js';
import { classNames } from '../tokens/class-names.js';
import { modelLimits } from '../tokens/model-limits.js';
import { loadTokenizer } from '../tokenizer/tokenizer.js';
import type { IngestResult, StageProgress } from './ingest.js';
import { readChunks } from './read-lines.js';
import { tokenizeRows, type Routed } from './tokenize-rows.js';

export interface PreprocessOptions {
  readonly spec: Pick<PipelineSpec, 'task' | 'dataset' | 'tokenize'>;
  /** Of the dataset artifact: `SPLIT.jsonl`. */
  readonly datasetFolder: string;
  /** Of the base model: tokenizer.json, config.json. */
  readonly modelFolder: string;
  /** Where the files are written. */
  readonly folder: string;
  readonly onProgress?: ((progress: StageProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PreprocessResult {
  readonly files: IngestResult['files'];
  readonly meta: TokensMeta;
}

const CHUNK = 256;

/**
 * Clean, split, tokenise. The rows are read twice, so that memory holds their tokens but never their texts.
 * @throws TemperError DATA_INVALID: nothing left, a single class, wrong labels, a split whose answers are all cut off.
 */
export async function preprocessDataset(options: PreprocessOptions): Promise<PreprocessResult> {
  const { spec, datasetFolder, folder } = options;
  const given = splitNames.filter((name) => existsSync(join(datasetFolder, `${name}.jsonl`)));
  const scan = await scanRows(given, options);
  const destinations = route(spec, given, scan);
  const limits = await modelLimits(options.modelFolder);
  const labelNames = classNames(spec, destinations, limits.labelNames);
  await using tokenizer =
    'inputIds' in spec.dataset.columns
      ? undefined
      : await loadTokenizer(options.modelFolder, { signal: options.signal });

  await mkdir(folder, { recursive: true });
  const { splits, statistics, files, report } = await tokenizeRows({
    ...options,
    given,
    destinations,
    labelNames,
    report: scan.report,
    tokenizer,
    limits,
  });
  const written = await writeTokens(folder, splits);
  const tokenFiles = Object.fromEntries(written.map((name) => [name, join(folder, name)]));
  const padTokenId = tokenizer?.padTokenId ?? limits.padTokenId ?? 0;
  const meta: TokensMeta = {
    labelKind: spec.task === 'causal-lm' ? 'token' : 'class',
    labelNames,
    splits: statistics,
    cleaning: report,
    padTokenId,
  };
  return { files: { ...files, ...tokenFiles }, meta };
}

interface Scan {
  readonly keep: Record<SplitName, Uint8Array>;
  readonly labels: Record<SplitName, (string | undefined)[]>;
  readonly report: CleaningReport;
}

async function scanRows(given: readonly SplitName[], options: PreprocessOptions): Promise<Scan> {
  const cleaner = new Cleaner(options.spec.dataset.clean);
  const labels: Scan['labels'] = { train: [], validation: [], test: [] };
  for (const split of given) {
    for await (const examples of readChunks(join(options.datasetFolder, `${split}.jsonl`), CHUNK)) {
      options.signal?.throwIfAborted();
      for (const example of examples) {
        cleaner.add(split, example);
        labels[split].push(typeof example.labels === 'number' ? String(example.labels) : example.label);
      }
      options.onProgress?.({ phase: 'cleaning', split, done: labels[split].length });
    }
  }
  const scan = { ...cleaner.finish(), labels };
  for (const split of given) {
    if (!scan.keep[split].includes(1)) throw nothingLeft(split, scan);
  }
  return scan;
}

function nothingLeft(split: SplitName, { keep, report }: Scan): TemperError {
  const reasons = Object.entries(report.dropped).filter(([, count]) => count);
  return new TemperError('DATA_INVALID', {
    path: `dataset.${split}`,
    message: `cleaning leaves no row of the ${keep[split].length}`,
    found: reasons.map(([reason, count]) => `${count} ${reason}`).join(', '),
    hint: 'see dataset.clean for what is dropped',
  });
}

/** The destination of every row of every given split; undefined for rows that are dropped. */
function route(spec: PreprocessOptions['spec'], given: readonly SplitName[], scan: Scan): Routed {
  const fractions = fractionsOfTrain(spec.dataset.split, given);
  const kept = [...scan.keep.train].flatMap((keep, row) => (keep ? [row] : []));
  const strata = kept.map((row) => (spec.dataset.split.stratify ? scan.labels.train[row] : undefined));
  const assigned = assignSplits(strata, fractions, spec.dataset.split.seed);
  const train = new Array<SplitName | undefined>(scan.keep.train.length).fill(undefined);
  kept.forEach((row, k) => (train[row] = assigned[k]));
  const asGiven = (split: SplitName) => Array.from(scan.keep[split], (keep) => (keep ? split : undefined));
  return {
    to: { train, validation: asGiven('validation'), test: asGiven('test') },
    labels: scan.labels,
  };
}
