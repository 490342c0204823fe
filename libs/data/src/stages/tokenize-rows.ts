import { splitNames, type CleaningReport, type SplitName, type SplitStatistics } from '@temper/contracts';
import { taskSchemaOf } from '@temper/tasks/schema';
import type { TokenizedSplits } from '../batching/token-files.js';
import { withDropped } from '../cleaning/report.js';
import type { ModelLimits } from '../tokens/model-limits.js';
import { SplitBuilder } from '../tokens/split-builder.js';
import { tokenizeChunk, type AddTo, type Row } from '../tokens/tokenize-into.js';
import { UncountedRows } from '../tokens/uncounted-rows.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { PreprocessOptions } from './preprocess.js';
import type { RowFiles } from './row-file.js';
import type { SourceRows } from './source-rows.js';

/** Where every row of every given split goes, and its class. */
export interface Routed {
  readonly to: Readonly<Record<SplitName, readonly (SplitName | undefined)[]>>;
  readonly labels: Readonly<Record<SplitName, readonly (string | undefined)[]>>;
  /** How often each row of the source of train is seen in an epoch where it is trained on; absent: once. */
  readonly times?: Uint8Array | undefined;
}

interface TokenizeRowsOptions extends Omit<PreprocessOptions, 'sources'> {
  readonly sources: SourceRows;
  readonly given: readonly SplitName[];
  readonly files: RowFiles;
  readonly destinations: Routed;
  readonly labelNames: readonly string[];
  /** Of cleaning. */
  readonly report: CleaningReport;
  readonly tokenizer: Tokenizer | undefined;
  readonly limits: ModelLimits;
}

/** So many chunks are with the tokenizer's process while others are read and written here. */
const AHEAD = 3;

interface Chunk {
  readonly target: Target;
  readonly tokenised: Promise<AddTo>;
}

/** Tokenises the rows that stay, in their order. */
export async function tokenizeRows(options: TokenizeRowsOptions) {
  const { spec, given, destinations, limits, sources } = options;
  const { times } = destinations;
  const maxLength = Math.min(spec.tokenize.maxLength, limits.positions);
  const targets = new Map<SplitName, Target>();
  const total = given.reduce((sum, split) => sum + destinations.to[split].length, 0);
  let done = 0;
  const ahead: Chunk[] = [];
  const add = async ({ target, tokenised }: Chunk) => {
    const added = (await tokenised)(target.builder);
    if (!target.isTrained) return;
    for (const { split, row, times = 1 } of added) sources.countExamples(split, row, times);
  };

  for (const split of given) {
    let row = 0;
    for await (const examples of options.files.bySplit[split]!.chunks()) {
      options.signal?.throwIfAborted();
      const rows = examples.map((example): Row => ({
        example,
        split,
        row: ++row,
        place: sources.place(split, row),
      }));
      for (const name of splitNames) {
        const there = rows.filter((r) => destinations.to[split][r.row - 1] === name);
        const isWeighed = times && split === 'train' && name === 'train';
        const chosen = isWeighed ? there.flatMap((r) => weighed(r, times[r.row - 1]!)) : there;
        if (!chosen.length) continue;
        const target = targets.get(name) ?? openTarget(options, maxLength, name);
        targets.set(name, target);
        const { uncounted } = target;
        const tokenised = tokenizeChunk(chosen, { ...options, maxLength, uncounted });
        // It may be refused while another one is waited for.
        tokenised.catch(() => undefined);
        ahead.push({ target, tokenised });
      }
      while (ahead.length > AHEAD) await add(ahead.shift()!);
      done += rows.length;
      options.onProgress?.({ phase: 'tokenising', split, done, total });
    }
  }
  for (const chunk of ahead) await add(chunk);
  const tokenised = finish(targets);
  for (const [name, { uncounted }] of targets) {
    if (!tokenised.statistics[name]!.examples) throw uncounted.nothingLeft(name);
  }
  const uncounted = [...targets.values()].map((target) => target.uncounted);
  return { ...tokenised, report: reportWith(uncounted, options) };
}

function reportWith(
  uncounted: readonly UncountedRows[],
  { report, files, sources }: TokenizeRowsOptions,
): CleaningReport {
  const sum = (of: (rows: UncountedRows) => number) => uncounted.reduce((total, rows) => total + of(rows), 0);
  const emptyAnswers = sum((rows) => rows.emptyAnswers);
  const partsNotWritten = sum((rows) => rows.partsNotWritten);
  const left = uncounted.flatMap(({ rows }) => rows);
  return {
    ...withDropped(report, left, files.textOf, sources),
    ...(emptyAnswers ? { emptyAnswers } : {}),
    ...(partsNotWritten ? { partsNotWritten } : {}),
  };
}

/** A row that is not drawn is not tokenised. */
const weighed = (row: Row, times: number): Row[] => (times ? [{ ...row, times }] : []);

interface Target {
  readonly isTrained: boolean;
  readonly builder: SplitBuilder;
  readonly uncounted: UncountedRows;
}

function openTarget(
  { spec, limits, sources }: TokenizeRowsOptions,
  maxLength: number,
  name: SplitName,
): Target {
  const { labelKind, sequencesPerExample } = taskSchemaOf(spec);
  const sequences = sequencesPerExample?.(spec.dataset.columns);
  const builder = new SplitBuilder(labelKind, maxLength, sequences, name !== 'train');
  const uncounted = new UncountedRows(spec.tokenize.maxLength, limits.positions, sources.place);
  return { builder, uncounted, isTrained: name === 'train' };
}

function finish(targets: ReadonlyMap<SplitName, Target>) {
  const splits: TokenizedSplits = {};
  const statistics: Partial<Record<SplitName, SplitStatistics>> = {};
  for (const name of splitNames) {
    const target = targets.get(name);
    if (!target) continue;
    ({ split: splits[name], statistics: statistics[name] } = target.builder.finish());
  }
  return { splits, statistics };
}
