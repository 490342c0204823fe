import {
  stageActivity,
  stageParts,
  StagePlugin,
  withAdapter,
  type StagePluginOptions,
  type StagePorts,
} from '@temper/activity';
import {
  schemeOf,
  withoutAlerts,
  type Digest,
  type EngineIdentity,
  type ModelMeta,
  type ModelVersion,
  type TokensMeta,
} from '@temper/contracts';
import {
  shownSpec,
  type CompareActivities,
  type PublishInput,
  type PublishOutput,
  type StageActivities,
} from '@temper/spec';
import { publishedFormat, settledBy } from '@temper/methods';
import { initFromOf, type MethodSpec } from '@temper/methods/schema';
import { isOwnFile, nameOfSource } from '@temper/sources';
import { canonicalJson, signerOf } from '@temper/storage';
import { hasChatTemplate, withExportedModel } from './export.js';
import { compareActivities } from './compare.js';
import { equalVersion } from './equal-version.js';
import { modelCard } from './model-card.js';

/** The publish stage: checkpoint → model artifact with its lineage → version and alias in the registry. */
export class PublishPlugin extends StagePlugin {
  constructor(options: StagePluginOptions) {
    super('publish', stageParts('PublishPlugin', options, publishActivities), 'PublishPlugin');
  }
}

export const publishActivities = (
  ports: StagePorts,
): Pick<StageActivities, 'publish'> & CompareActivities => ({
  ...compareActivities(ports),
  publish: stageActivity<PublishInput, PublishOutput>(
    'publish',
    async (input, { report }) => {
      const { runId, spec } = input;
      const { model: name, alias } = spec.publish;
      const { meta: tokens } = await ports.artifacts.manifest(input.tokens);
      report({ phase: 'exporting' });
      const method = await withAdapter(
        ports,
        { initFrom: initFromOf(spec.method), adapter: input.adapter },
        async (folder) => settledBy(spec.method, folder),
      );
      const { engine } = (await ports.artifacts.manifest(input.checkpoint)).meta;
      // Addresses without what is secret in them: who makes the model again takes what the lineage names in their place.
      const kept = text(canonicalJson(withoutAlerts(shownSpec(spec))));
      const { digest } = await ports.artifacts.putBlob(kept);
      const meta = modelMeta(input, { tokens, method, engine, spec: digest });
      const { version, isNew } = await register(ports, { ...input, method }, tokens, meta, () =>
        report({ phase: 'registering' }),
      );
      await ports.registry.moveAlias(name, alias, version.version, { by: `run ${runId}` });
      const reportUri = await ports.runs.putFile(runId, 'report.json', reportOf(input, tokens, version));
      return {
        name,
        version: version.version,
        digest: version.digest,
        model: version.artifact,
        reportUri,
        cached: !isNew && input.fresh !== true,
        summary: `${name}:${version.version}${isNew ? '' : ' (equal weights)'}, ${name}@${alias}`,
      };
    },
    { finishes: true, beat: ports.heartbeatInterval, logs: ports.runs },
  ),
});

const text = (content: string) => new TextEncoder().encode(content);
const json = (content: object) => text(`${JSON.stringify(content, null, 2)}\n`);

/**
 * The version with these very weights where there is one (an equal training, cached stages, an answer that was lost), else a new one.
 * Publishing is repeatable; only the alias is moved in any case. Where this worker has a key, it signs what it has made itself and
 * nothing else: a version of another run has files that it has not seen being made.
 */
function register(
  ports: StagePorts,
  input: PublishInput & { readonly method: MethodSpec },
  tokens: TokensMeta,
  meta: ModelMeta,
  registering: () => void,
): Promise<{ readonly version: ModelVersion; readonly isNew: boolean }> {
  return withExportedModel(ports, input, tokens, async ({ files, digest }) => {
    const name = input.spec.publish.model;
    const isEqual = equalVersion(ports, { digest, meta });
    const known = await ports.registry.find(name, isEqual);
    const { runId, spec, sweep, verdicts } = input;
    const signer = await signerOf(ports.registry.signing);
    if (known && !(signer && known.runId === runId)) return { version: known, isNew: false };
    const { meta: base } = await ports.artifacts.manifest(input.baseModel);
    const chat = await hasChatTemplate(files);
    const card = modelCard({ spec, meta, chat, tokens, base: base.source, sweep, verdicts });
    const described = { ...files, 'temper.json': json(meta), 'README.md': text(card) };
    const artifact = await ports.artifacts.putArtifact('model', described, meta);
    registering();
    const version = await ports.registry.publish(
      name,
      { digest, artifact, runId, metrics: meta.metrics },
      isEqual,
    );
    if (signer && version.artifact.digest === artifact.digest)
      await ports.registry.signatures.sign(version, signer);
    return { version, isNew: !known && version.runId === runId };
  });
}

interface MadeFrom {
  readonly tokens: TokensMeta;
  readonly method: MethodSpec;
  readonly engine: EngineIdentity | undefined;
  /** The blob. */
  readonly spec: Digest;
}

function modelMeta(input: PublishInput, { tokens, method, engine, spec: specBlob }: MadeFrom): ModelMeta {
  const { spec, baseModel, adapter, dataset, checkpoint, validation, evaluation } = input;
  const { changes, approval, fork, code } = input;
  const { precision } = spec.model;
  return {
    task: spec.task,
    ...(spec.problemType === undefined ? {} : { problemType: spec.problemType }),
    format: publishedFormat(method),
    base: baseModel,
    labelNames: tokens.labelNames,
    maxLength: spec.tokenize.maxLength,
    method: shownMethod(method),
    ...(precision === 'fp32' ? {} : { precision }),
    lineage: {
      ...(adapter ? { adapter: adapter.digest } : {}),
      dataset: dataset.digest,
      tokens: input.tokens.digest,
      checkpoint: checkpoint.digest,
      spec: specBlob,
      ...(engine ? { engine } : {}),
      ...(code ? { code } : {}),
      ...(fork ? { forkedFrom: fork } : {}),
      ...(changes?.length ? { changes } : {}),
      ...(approval ? { approval } : {}),
    },
    metrics: { ...evaluation, ...(validation ? { validation } : {}) },
  };
}

/** A folder called `hf:x` is no source of that kind to whoever reads it again. */
const nameOf = (name: string) => (schemeOf(name) ? `./${name}` : name);

/** The folder of this machine that an adapter lay in is nobody's business. */
function shownMethod(method: MethodSpec): MethodSpec {
  const start = initFromOf(method);
  if (start === undefined) return method;
  const name = nameOfSource(start);
  return { ...method, initFrom: isOwnFile(start) ? nameOf(name) : name } as MethodSpec;
}

/** Everything about the run in one file, for dashboards and for people who come later. */
const reportOf = (
  { runId, spec, evaluation, validation, verdicts, sweep, changes, approval, fork: forkedFrom }: PublishInput,
  tokens: TokensMeta,
  version: ModelVersion,
) => {
  const metrics = { ...evaluation, validation };
  const made = { sweep, changes, approval, forkedFrom };
  return json({ runId, model: version, spec: shownSpec(spec), metrics, verdicts, data: tokens, ...made });
};
