import { splitNames, type SplitName, type SplitStatistics, type TokenizedSplit } from '@temper/contracts';
import { SplitBuilder } from '../tokens/split-builder.js';
import { SplitFiles } from '../tokens/split-numbers.js';
import type { UncountedRows } from '../tokens/uncounted-rows.js';

export interface TokenTarget {
  readonly name: SplitName;
  readonly files: SplitFiles;
  readonly builder: SplitBuilder;
  readonly uncounted: UncountedRows;
}

interface TargetOptions {
  /** Of the files. */
  readonly folder: string;
  readonly labelKind: TokenizedSplit['labelKind'];
  readonly maxLength: number;
  readonly uncounted: () => UncountedRows;
}

/** The files of the splits that there are rows for. */
export class TokenTargets implements Disposable {
  private readonly targets = new Map<SplitName, TokenTarget>();

  constructor(private readonly options: TargetOptions) {}

  of(name: SplitName): TokenTarget {
    const known = this.targets.get(name);
    if (known) return known;
    const { folder, labelKind, maxLength, uncounted } = this.options;
    const files = new SplitFiles(folder, name);
    const builder = new SplitBuilder(labelKind, maxLength, files);
    const target = { name, files, builder, uncounted: uncounted() };
    this.targets.set(name, target);
    return target;
  }

  /** Writes what is left; names and numbers are in the order of the splits. @throws TemperError DATA_INVALID for a split of whose rows none is left */
  finish() {
    const all = splitNames.flatMap((name) => this.targets.get(name) ?? []);
    for (const { name, builder, uncounted } of all) {
      if (!builder.statistics.examples) throw uncounted.nothingLeft(name);
    }
    const statistics: Partial<Record<SplitName, SplitStatistics>> = {};
    for (const { name, builder } of all) statistics[name] = builder.statistics;
    return { names: all.flatMap(({ files }) => files.finish()), statistics };
  }

  /** In the order in which they came. */
  uncounted(): UncountedRows[] {
    return [...this.targets.values()].map(({ uncounted }) => uncounted);
  }

  [Symbol.dispose](): void {
    for (const { files } of this.targets.values()) files[Symbol.dispose]();
  }
}
