import { splitNames, type CleaningReport, type Example, type SplitName } from '@temper/contracts';
import { taskSchemaOf } from '@temper/tasks/schema';
import { withDropped } from '../cleaning/report.js';
import type { ModelLimits } from '../tokens/model-limits.js';
import { tokenizeChunk, type AddTo, type Row } from '../tokens/tokenize-into.js';
import { UncountedRows } from '../tokens/uncounted-rows.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { PreprocessOptions } from './preprocess.js';
import type { RowFiles } from './row-file.js';
import type { Column } from './column.js';
import { TokenTargets, type TokenTarget } from './token-targets.js';
import type { SourceRows } from './source-rows.js';

/** Where every row of every given split goes, and its class. */
export interface Routed {
  readonly to: Readonly<Record<SplitName, Column<SplitName>>>;
  readonly labels: Readonly<Record<SplitName, Column<string>>>;
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
  readonly target: TokenTarget;
  readonly tokenised: Promise<AddTo>;
}

/** Tokenises the rows that stay, in their order, into files of `folder`. */
export async function tokenizeRows(options: TokenizeRowsOptions) {
  const { spec, given, destinations, limits, sources, folder } = options;
  const maxLength = Math.min(spec.tokenize.maxLength, limits.positions);
  const { labelKind } = taskSchemaOf(spec);
  const uncounted = () => new UncountedRows(spec.tokenize.maxLength, limits.positions, sources.place);
  using targets = new TokenTargets({ folder, labelKind, maxLength, uncounted });
  const total = given.reduce((sum, split) => sum + destinations.to[split].length, 0);
  let done = 0;
  const ahead: Chunk[] = [];
  const add = async ({ target, tokenised }: Chunk) => {
    const added = (await tokenised)(target.builder);
    if (target.name !== 'train') return;
    for (const { split, row, times = 1 } of added) sources.countExamples(split, row, times);
  };

  for (const split of given) {
    let first = 1;
    for await (const examples of options.files.bySplit[split]!.chunks()) {
      options.signal?.throwIfAborted();
      for (const [name, chosen] of chosenOf(examples, split, first, options)) {
        const target = targets.of(name);
        const tokenised = tokenizeChunk(chosen, { ...options, maxLength, uncounted: target.uncounted });
        // It may be refused while another one is waited for.
        tokenised.catch(() => undefined);
        ahead.push({ target, tokenised });
      }
      while (ahead.length > AHEAD) await add(ahead.shift()!);
      first += examples.length;
      done += examples.length;
      options.onProgress?.({ phase: 'tokenising', split, done, total });
    }
  }
  for (const chunk of ahead) await add(chunk);
  return { ...targets.finish(), report: reportWith(targets.uncounted(), options) };
}

/** The rows of a chunk by where they go, but those that are not drawn by the weight of their source. */
function chosenOf(
  examples: readonly Example[],
  split: SplitName,
  first: number,
  { destinations: { to, times }, sources }: TokenizeRowsOptions,
): [SplitName, Row[]][] {
  const rows = examples.map((example, i): Row => {
    const row = first + i;
    return { example, split, row, place: sources.place(split, row) };
  });
  return splitNames.flatMap((name): [SplitName, Row[]][] => {
    const there = rows.filter(({ row }) => to[split].at(row - 1) === name);
    const isWeighed = times && split === 'train' && name === 'train';
    const chosen = isWeighed ? there.flatMap((row) => weighed(row, times[row.row - 1]!)) : there;
    return chosen.length ? [[name, chosen]] : [];
  });
}

const weighed = (row: Row, times: number): Row[] => (times ? [{ ...row, times }] : []);

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
