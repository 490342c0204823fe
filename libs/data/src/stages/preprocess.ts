import { splitNames, type CleaningReport, type SplitName, type TokensMeta } from '@temper/contracts';
import { sourcesOf, type PipelineSpec } from '@temper/spec';
import { keepsProportions, isTokenised, taskSchemaOf } from '@temper/tasks/schema';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Cleaner } from '../cleaning/clean.js';
import { labelOf } from '../labels/label-text.js';
import { planClasses } from '../labels/class-names.js';
import { headToStartFrom, planSizedHead, planWholeHead, type BaseHead } from '../labels/plan-head.js';
import { findLeaks } from '../leaks/find-leaks.js';
import { dropNear } from '../near/drop-near.js';
import { assignSplits } from '../split/assign.js';
import { fractionsOfTrain } from '../split/fractions.js';
import { maskingOf } from '../tokens/masking.js';
import { modelLimits, type ModelSizes } from '../tokens/model-limits.js';
import { loadTokenizer } from '../tokenizer/tokenizer.js';
import type { IngestResult, StageProgress } from './ingest.js';
import { classReport } from './class-report.js';
import { IntList } from '../cleaning/int-list.js';
import { WordColumn } from './column.js';
import { RowFiles } from './row-file.js';
import { SourceRows } from './source-rows.js';
import { tokenizeRows, type Routed } from './tokenize-rows.js';

export interface PreprocessOptions {
  readonly spec: Pick<PipelineSpec, 'task' | 'problemType' | 'dataset' | 'tokenize'>;
  /** Of the dataset artifact: `SPLIT.jsonl`. */
  readonly datasetFolder: string;
  /** Of the base model: tokenizer.json, config.json. */
  readonly modelFolder: string;
  /** Classes of the head in the base model's files, where there is one. */
  readonly headClasses?: number | undefined;
  /** Whether they have a head whose size is the model's own, of tasks with such a one. */
  readonly hasHead?: boolean | undefined;
  readonly sizes?: ModelSizes | undefined;
  /** The head that an adapter to start from brings, which takes its place. */
  readonly adapterHead?: Pick<BaseHead, 'classes' | 'names'> | undefined;
  /** Of the dataset artifact, where train is a list of sources: rows of each. */
  readonly sources?: readonly number[] | undefined;
  /** Where the files are written. */
  readonly folder: string;
  readonly onProgress?: ((progress: StageProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PreprocessResult {
  readonly files: IngestResult['files'];
  readonly meta: TokensMeta;
}

/**
 * Clean, split, tokenise. The rows are read several times, so that memory holds their tokens but never their texts.
 * @throws TemperError DATA_INVALID: nothing left, a single class, wrong labels, a split whose answers are all cut off.
 */
export async function preprocessDataset(options: PreprocessOptions): Promise<PreprocessResult> {
  const { spec, datasetFolder, folder } = options;
  const given = splitNames.filter((name) => existsSync(join(datasetFolder, `${name}.jsonl`)));
  using files = new RowFiles(datasetFolder, given);
  const sources = sourceRows(options);
  const scan = await scanRows(given, files, options, sources);
  const destinations = route(spec, given, scan, sources);
  const limits = await modelLimits(options.modelFolder, options.sizes);
  const ofFiles = { classes: options.headClasses, names: limits.labelNames };
  const base = headToStartFrom(ofFiles, options.adapterHead);
  const plan = planClasses(spec, destinations, base);
  const labelNames = plan?.labelNames ?? [];
  const { labelKind, sizedHead: sized, masking: hides } = taskSchemaOf(spec);
  const sequences = taskSchemaOf(spec).sequencesPerExample?.(spec.dataset.columns);
  const leaks = await findLeaks({
    ...destinations,
    given,
    files: files.bySplit,
    contents: (split) => scan.contents[split],
    threshold: spec.dataset.clean.nearThreshold,
    place: sources.place,
    seed: spec.dataset.split.seed,
    signal: options.signal,
    onProgress: (split, done) => options.onProgress?.({ phase: 'comparing', split, done }),
  });
  await using tokenizer = isTokenised(spec.dataset.columns)
    ? undefined
    : await loadTokenizer(options.modelFolder, { signal: options.signal });

  const masking = maskingOf(spec, tokenizer, limits);

  await mkdir(folder, { recursive: true });
  const tokenised = await tokenizeRows({
    ...options,
    given,
    files,
    sources,
    destinations,
    labelNames,
    report: scan.report,
    tokenizer,
    limits,
  });
  const tokenFiles = Object.fromEntries(tokenised.names.map((name) => [name, join(folder, name)]));
  const padTokenId = tokenizer?.padTokenId ?? limits.padTokenId ?? 0;
  const meta: TokensMeta = {
    labelKind,
    labelNames,
    ...(sequences === undefined ? {} : { sequencesPerExample: sequences }),
    splits: tokenised.statistics,
    cleaning: tokenised.report,
    padTokenId,
    ...(masking ? { masking } : {}),
    leaks,
    ...(sources.areSeveral ? { sources: sources.report()! } : {}),
    ...classReport(spec, destinations, plan, leaks, given),
    ...(sized === undefined ? {} : { head: planSizedHead(sized, base) }),
    ...(hides && options.hasHead !== undefined ? { head: planWholeHead(options.hasHead) } : {}),
  };
  return { files: tokenFiles, meta };
}

function sourceRows({ spec, sources }: PreprocessOptions): SourceRows {
  const weights = sourcesOf(spec.dataset, 'train').map(({ weight }) => weight);
  return new SourceRows(sources, sources && weights);
}

interface Scan {
  readonly keep: Record<SplitName, Uint8Array>;
  readonly labels: Record<SplitName, WordColumn<string>>;
  readonly contents: Record<SplitName, Int32Array>;
  readonly report: CleaningReport;
}

async function scanRows(
  given: readonly SplitName[],
  files: RowFiles,
  { spec, signal, onProgress }: PreprocessOptions,
  sources: SourceRows,
): Promise<Scan> {
  const { clean } = spec.dataset;
  const { labelForm, hasClasses } = taskSchemaOf(spec);
  using cleaner = new Cleaner(clean);
  const numbers = { train: new IntList(), validation: new IntList(), test: new IntList() };
  const words: (string | undefined)[] = [undefined];
  const known = new Map<string | undefined, number>([[undefined, 0]]);
  // Numbers, which every row has another of, decide on nothing.
  const isRead = hasClasses || keepsProportions(labelForm);
  for (const split of given) {
    for await (const examples of files.bySplit[split]!.chunks()) {
      signal?.throwIfAborted();
      for (const example of examples) {
        cleaner.add(split, example);
        const label = isRead ? labelOf(example, labelForm) : undefined;
        if (!known.has(label)) known.set(label, words.push(label) - 1);
        numbers[split].push(known.get(label)!);
      }
      onProgress?.({ phase: 'cleaning', split, done: numbers[split].length });
    }
  }
  cleaner.decide();
  if (clean.dedupe === 'near' && !isTokenised(spec.dataset.columns)) {
    for (const split of given) {
      const report = (done: number) => onProgress?.({ phase: 'comparing', split, done });
      const options = { threshold: clean.nearThreshold, onProgress: report, signal };
      await dropNear(cleaner, split, files.bySplit[split]!, options);
    }
  }
  const contents = {
    train: cleaner.contents('train'),
    validation: cleaner.contents('validation'),
    test: cleaner.contents('test'),
  };
  const labelsOf = (split: SplitName) => new WordColumn(words, numbers[split].view());
  const labels = { train: labelsOf('train'), validation: labelsOf('validation'), test: labelsOf('test') };
  const scan = { ...cleaner.finish(files.textOf, sources), labels, contents };
  for (const split of given) cleaner.requireRows(split);
  return scan;
}

/** The destination of every row of every given split; undefined for rows that are dropped. */
function route(
  spec: PreprocessOptions['spec'],
  given: readonly SplitName[],
  scan: Scan,
  sources: SourceRows,
): Routed {
  const fractions = fractionsOfTrain(spec.dataset.split, given);
  const keep = scan.keep.train;
  const kept = new Int32Array(keep.reduce((sum, one) => sum + one, 0));
  for (let row = 0, k = 0; row < keep.length; row++) if (keep[row]) kept[k++] = row;
  const stratify = spec.dataset.split.stratify && keepsProportions(taskSchemaOf(spec).labelForm);
  const stratum = (k: number) => (stratify ? scan.labels.train.at(kept[k]!) : undefined);
  const assigned = assignSplits({ length: kept.length, at: stratum }, fractions, spec.dataset.split.seed);
  const places = new Uint8Array(keep.length);
  kept.forEach((row, k) => (places[row] = 1 + splitNames.indexOf(assigned.at(k)!)));
  const train = new WordColumn([undefined, ...splitNames], places);
  const asGiven = (split: SplitName) => new WordColumn([undefined, split], scan.keep[split]);
  return {
    to: { train, validation: asGiven('validation'), test: asGiven('test') },
    labels: scan.labels,
    // After the split: a row that is seen twice is never in validation.
    times: sources.times((row) => train.at(row) === 'train', spec.dataset.split.seed),
  };
}
