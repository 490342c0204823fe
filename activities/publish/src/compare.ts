import { stageActivity, withAdapter, type StagePorts } from '@temper/activity';
import {
  engineWords,
  sameEngine,
  type ArtifactFile,
  type Digest,
  type EngineIdentity,
  type ModelMeta,
  type Rebuilt,
  type RebuiltDifference,
} from '@temper/contracts';
import { settledBy } from '@temper/methods';
import { initFromOf } from '@temper/methods/schema';
import type { CompareActivities, CompareInput, CompareOutput } from '@temper/spec';
import { withExportedModel, type ExportedModel } from './export.js';

/** What publish would make of a training, compared with a published version. Nothing is written but the run's own report. */
export const compareActivities = (ports: StagePorts): CompareActivities => ({
  compareRebuilt: stageActivity<CompareInput, CompareOutput>(
    'publish',
    async (input, { report }) => {
      report({ phase: 'comparing' });
      const rebuilt = await compared(ports, input);
      const { name, version, verdict } = rebuilt;
      const text = `${JSON.stringify({ runId: input.runId, rebuilt }, null, 2)}\n`;
      await ports.runs.putFile(input.runId, 'report.json', new TextEncoder().encode(text));
      const words = {
        equal: `equal to ${name}:${version}`,
        changed: `not ${name}:${version}`,
        unknown: `other than ${name}:${version}, ${rebuilt.why ?? ''}`,
      };
      return { rebuilt, cached: false, summary: words[verdict] };
    },
    { finishes: true, beat: ports.heartbeatInterval, logs: ports.runs },
  ),
});

async function compared(ports: StagePorts, input: CompareInput): Promise<Rebuilt> {
  const { rebuild, spec, adapter, checkpoint, code } = input;
  const { artifacts } = ports;
  const there = await artifacts.manifest(rebuild.artifact);
  const { meta: tokens } = await artifacts.manifest(input.tokens);
  const { engine, graphs } = (await artifacts.manifest(checkpoint)).meta;
  const was = await graphsOf(artifacts, there.meta.lineage.checkpoint);
  const start = { initFrom: initFromOf(spec.method), adapter };
  const method = await withAdapter(ports, start, async (folder) => settledBy(spec.method, folder));
  return withExportedModel(ports, { ...input, method }, tokens, async (made) => {
    const { lineage } = there.meta;
    const pairs = [
      { what: 'model', was: rebuild.digest, is: made.digest },
      ...filePairs(there.files, made),
      { what: 'tokens', was: lineage.tokens, is: input.tokens.digest },
      { what: 'checkpoint', was: lineage.checkpoint, is: checkpoint.digest },
    ];
    const isEqual = made.digest === rebuild.digest;
    const otherGraphs = was !== undefined && was !== graphs ? 'and other graphs trained it' : undefined;
    const why = isEqual ? undefined : (untellable(lineage, { engine, code }) ?? otherGraphs);
    return {
      name: rebuild.name,
      version: rebuild.version,
      verdict: isEqual ? 'equal' : why === undefined ? 'changed' : 'unknown',
      digest: made.digest,
      // A checkpoint also says how it was come by: where the weights are equal, that is none of a model.
      differences: isEqual ? [] : pairs.filter(({ was, is }) => was !== is),
      ...(why === undefined ? {} : { why }),
      ...(engine ? { engine } : {}),
      ...(code ? { code } : {}),
    };
  });
}

/** Of the artifact of the graphs that came to a checkpoint; undefined where that was not recorded, or is not kept. */
async function graphsOf(artifacts: StagePorts['artifacts'], checkpoint: Digest): Promise<Digest | undefined> {
  const ref = artifacts.ref('checkpoint', checkpoint);
  return (await artifacts.has(ref)) ? (await artifacts.manifest(ref)).meta.graphs : undefined;
}

const filePairs = (there: readonly ArtifactFile[], { digests }: ExportedModel): RebuiltDifference[] =>
  Object.entries(digests).map(([path, is]) => ({
    what: path,
    was: there.find((file) => file.path === path)?.digest ?? 'none',
    is,
  }));

/** Why other weights say nothing: something else made them. */
function untellable(
  was: ModelMeta['lineage'],
  is: { readonly engine?: EngineIdentity | undefined; readonly code?: string | undefined },
): string | undefined {
  if (!was.engine || !is.engine) return 'and which engine trained it was not recorded';
  if (!sameEngine(was.engine, is.engine))
    return `and it was trained by ${engineWords(was.engine)}, this time by ${engineWords(is.engine)}`;
  if (was.code !== is.code)
    return `and it was trained by ${was.code ?? 'code whose version was not recorded'}, this time by ${is.code ?? 'another'}`;
  return undefined;
}
