import { cachedStage, inScratch, type StageContext, type StagePorts } from '@temper/activity';
import { sourceInWords, splitNames, type SplitName } from '@temper/contracts';
import { type IngestInput } from '@temper/spec';
import { ingestDataset as readSources } from '@temper/data';
import { taskSchemaOf } from '@temper/tasks/schema';
import { sourceOptions } from './check.js';
import { resolveSource, type ResolvedSource } from '@temper/sources';

/** Raise it where equal sources are read into other examples than before. */
const CODE = 'ingest-dataset/4';

/** Fetches the sources and stores their rows as examples, one file a split that the spec names. */
export async function ingestDataset(ports: StagePorts, input: IngestInput, context: StageContext) {
  const { dataset } = input.spec;
  const sources: [SplitName, ResolvedSource][] = [];
  for (const split of splitNames) {
    const uri = dataset[split];
    if (uri === undefined) continue;
    context.report({ phase: `fetching ${sourceInWords(uri)}` });
    const options = sourceOptions(ports, input.spec.download, context.signal);
    sources.push([split, await resolveSource(uri, options)]);
  }
  const { columns, limit, encoding, quote } = dataset;
  const { labelForm } = taskSchemaOf(input.spec);
  // As it was before labels could be anything else.
  const labels = labelForm === undefined || labelForm === 'word' ? {} : { labelForm };
  const entry = {
    code: CODE,
    inputs: sources.map(([, { digest }]) => digest),
    spec: { splits: sources.map(([split]) => split), columns, limit, encoding, quote, ...labels },
  };
  const result = await cachedStage(ports, 'ingest', entry, input.fresh, () =>
    inScratch(ports, async (folder) => {
      const { files, meta } = await readSources({
        dataset,
        labelForm,
        folder,
        sources: Object.fromEntries(sources.map(([split, { files }]) => [split, files])),
        onProgress: ({ phase, split, done }) => context.report({ phase: `${phase} ${split}`, step: done }),
        signal: context.signal,
      });
      return { dataset: await ports.artifacts.putArtifact('dataset', files, meta), rows: meta.rows };
    }),
  );
  return { ...result, notes: sources.flatMap(([, { notes }]) => notes) };
}
