import { cachedStage, inScratch, type StageContext, type StagePorts } from '@temper/activity';
import { sourceInWords, splitNames, type SplitName } from '@temper/contracts';
import { hasSeveralSources, sourcesOf, type Columns, type IngestInput } from '@temper/spec';
import { ingestDataset as readSources, type FilesOfSource, type SourceFiles } from '@temper/data';
import { taskSchemaOf } from '@temper/tasks/schema';
import { sourceOptions } from './check.js';
import { resolveSource, type ResolvedSource } from '@temper/sources';

/** Raise it where equal sources are read into other examples than before. */
const CODE = 'ingest-dataset/4';

/** Fetches the sources and stores their rows as examples, one file a split that the spec names. */
export async function ingestDataset(ports: StagePorts, input: IngestInput, context: StageContext) {
  const { dataset } = input.spec;
  const sources: { readonly split: SplitName; readonly columns?: Columns; readonly found: ResolvedSource }[] =
    [];
  for (const split of splitNames) {
    for (const { source, columns: own } of sourcesOf(dataset, split)) {
      context.report({ phase: `fetching ${sourceInWords(source)}` });
      const options = sourceOptions(ports, input.spec.download, context.signal);
      const found = await resolveSource(source, options);
      sources.push({ split, found, ...(own ? { columns: own } : {}) });
    }
  }
  const { columns, limit, encoding, quote } = dataset;
  const { labelForm } = taskSchemaOf(input.spec);
  // As it was before labels could be anything else.
  const labels = labelForm === undefined || labelForm === 'word' ? {} : { labelForm };
  const entry = {
    code: CODE,
    inputs: sources.map(({ found }) => found.digest),
    spec: {
      splits: sources.map(({ split }) => split),
      columns,
      ...{ limit, encoding, quote },
      ...labels,
      // Named only of a list: entries that were made before there were lists stay valid.
      ...(hasSeveralSources(dataset) ? { sources: sources.map(({ columns: own }) => own ?? null) } : {}),
    },
  };
  const result = await cachedStage(ports, 'ingest', entry, input.fresh, () =>
    inScratch(ports, async (folder) => {
      const { files, meta } = await readSources({
        dataset,
        labelForm,
        folder,
        sources: filesBySplit(sources.map(({ found: { files }, ...one }) => ({ ...one, files }))),
        onProgress: ({ phase, split, done }) => context.report({ phase: `${phase} ${split}`, step: done }),
        signal: context.signal,
      });
      return { dataset: await ports.artifacts.putArtifact('dataset', files, meta), rows: meta.rows };
    }),
  );
  return { ...result, notes: sources.flatMap(({ found }) => found.notes) };
}

function filesBySplit(sources: readonly (FilesOfSource & { readonly split: SplitName })[]): SourceFiles {
  const splits: Partial<Record<SplitName, FilesOfSource[]>> = {};
  for (const { split, ...source } of sources) (splits[split] ??= []).push(source);
  return splits;
}
