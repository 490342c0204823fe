import { splitNames, type SplitName } from '@temper/contracts';
import type { FilesOfSource, SourceFiles } from '@temper/data';
import { sourcesOf, type PipelineSpec } from '@temper/spec';
import type { Sight } from './sight.js';

interface FilesOfData {
  readonly files: SourceFiles;
  /** Splits of which only the beginning is there, of one source at least. */
  readonly cut: readonly SplitName[];
  readonly notes: readonly string[];
}

/** The files of every source of every split; undefined where one of them cannot be seen from here. */
export async function filesOfData(sight: Sight, spec: PipelineSpec): Promise<FilesOfData | undefined> {
  const asked = splitNames.flatMap((split) =>
    sourcesOf(spec.dataset, split).map((one) => ({ split, ...one })),
  );
  const found = await Promise.all(
    asked.map(async ({ split, source, columns }) => {
      const located = await sight.files(source, spec);
      return located && { split, columns, ...located };
    }),
  );
  const seen = found.filter((one) => one !== undefined);
  if (seen.length < found.length) return undefined;
  const files: Partial<Record<SplitName, FilesOfSource[]>> = {};
  for (const { split, files: paths, columns } of seen) (files[split] ??= []).push({ files: paths, columns });
  const cut = splitNames.filter((name) => seen.some(({ split, cut }) => split === name && cut));
  return { files, cut, notes: seen.flatMap(({ notes = [] }) => notes) };
}
