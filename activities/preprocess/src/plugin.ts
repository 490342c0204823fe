import { join } from 'node:path';
import {
  cachedStage,
  inScratch,
  stageActivity,
  stageParts,
  StagePlugin,
  withAdapter,
  type StagePluginOptions,
  type StagePorts,
} from '@temper/activity';
import { dataReportOf, headInMeta, type BaseModelMeta } from '@temper/contracts';
import {
  hasSeveralSources,
  sourcesOf,
  type PipelineSpec,
  type PreprocessInput,
  type PreprocessOutput,
  type StageActivities,
} from '@temper/spec';
import { taskSchemaOf } from '@temper/tasks/schema';
import { preprocessDataset } from '@temper/data';
import { positionsTaken, settledBy } from '@temper/methods';
import { initFromOf } from '@temper/methods/schema';
import { headOfAdapter, modelSizes, prepareModel } from '@temper/models';
import { nameOfSource } from '@temper/sources';
import { summaryOf } from './summary.js';

/** Raise it where equal inputs are prepared into other tokens than before. */
const CODE = 'preprocess/12';

/** The preprocess stage: clean, split, tokenise. */
export class PreprocessPlugin extends StagePlugin {
  constructor(options: StagePluginOptions) {
    super('preprocess', stageParts('PreprocessPlugin', options, preprocessActivities), 'PreprocessPlugin');
  }
}

export const preprocessActivities = (ports: StagePorts): Pick<StageActivities, 'preprocess'> => ({
  preprocess: stageActivity<PreprocessInput, PreprocessOutput>(
    'preprocess',
    async ({ spec, dataset, baseModel, adapter, fresh }, { signal, report }) => {
      const { columns, split, clean } = spec.dataset;
      const sources = sourcesOf(spec.dataset, 'train');
      const { adapterHead, taken } = await startingFrom(ports, spec, adapter);
      const entry = {
        code: CODE,
        inputs: [dataset.digest, baseModel.digest],
        spec: {
          task: spec.task,
          ...problemOf(spec),
          columns,
          split,
          clean,
          tokenize: spec.tokenize,
          adapterHead,
          ...(taken ? { taken } : {}),
          ...(hasSeveralSources(spec.dataset) ? { weights: sources.map(({ weight }) => weight) } : {}),
        },
      };
      const { tokens, cached } = await cachedStage(ports, 'preprocess', entry, fresh, () =>
        inScratch(ports, async (scratch) => {
          const datasetFolder = join(scratch, 'dataset');
          await ports.artifacts.materialize(dataset, datasetFolder);
          report({ phase: 'preparing the tokenizer' });
          const { meta: base } = await ports.artifacts.manifest(baseModel);
          const folder = await modelFolder(ports, baseModel, join(scratch, 'base'));
          const { meta: ingested } = await ports.artifacts.manifest(dataset);
          const sizes = await modelSizes(folder);
          const { files, meta } = await preprocessDataset({
            spec,
            datasetFolder,
            modelFolder: folder,
            sizes: { ...sizes, positions: sizes.positions - taken },
            ...headIn(base, spec),
            adapterHead,
            sources: ingested.sources,
            folder: join(scratch, 'tokens'),
            onProgress: ({ phase, done, total }) =>
              report({ phase, step: done, ...(total === undefined ? {} : { totalSteps: total }) }),
            signal,
          });
          return { tokens: await ports.artifacts.putArtifact('tokens', files, meta) };
        }),
      );
      const { meta } = await ports.artifacts.manifest(tokens);
      const names = sources.map(({ source }) => nameOfSource(source));
      return { tokens, cached, data: dataReportOf(meta, names), summary: summaryOf(meta) };
    },
    { finishes: true, beat: ports.heartbeatInterval, logs: ports.runs },
  ),
});

/** Named only where the spec names one: entries that were made before there were several stay valid. */
const problemOf = ({ problemType }: PipelineSpec) => (problemType === undefined ? {} : { problemType });

/** What the adapter to start from brings: its head, and how many positions it takes. */
function startingFrom(ports: StagePorts, spec: PipelineSpec, adapter: PreprocessInput['adapter']) {
  return withAdapter(ports, { initFrom: initFromOf(spec.method), adapter }, async (folder) => ({
    adapterHead:
      folder !== undefined && taskSchemaOf(spec).hasClasses ? await headOfAdapter(folder) : undefined,
    taken: positionsTaken(settledBy(spec.method, folder)),
  }));
}

/** What the base model's files have of the task's head. */
function headIn(base: BaseModelMeta, spec: PipelineSpec) {
  const found = headInMeta(base, taskSchemaOf(spec).head);
  // An adapter to start from may bring the head.
  const hasHead = initFromOf(spec.method) === undefined ? found !== undefined : undefined;
  return { headClasses: found?.classes, hasHead };
}

/** The folder with the tokenizer. A GGUF file is converted on the way, which training then finds done. */
async function modelFolder(
  ports: StagePorts,
  ref: PreprocessInput['baseModel'],
  folder: string,
): Promise<string> {
  const { meta, files } = await ports.artifacts.manifest(ref);
  const isGguf = meta.format === 'gguf';
  // The weights of a folder are not read here, and they are what is large.
  const needed = files.map(({ path }) => path).filter((path) => isGguf || !path.endsWith('.safetensors'));
  await ports.artifacts.materialize(ref, folder, needed);
  return isGguf ? prepareModel(join(folder, 'model.gguf'), ports.modelsFolder) : folder;
}
