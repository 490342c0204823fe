import type { ModelMeta } from '@temper/contracts';
import { publishedFormat } from '@temper/methods';
import type { PublishInput, PublishOutput } from '@temper/spec';
import { digestOf } from '@temper/storage';
import { taskSchemaOf } from '@temper/tasks/schema';
import { standIn, type Stored } from './stored.js';

/** As the stage does it, but for the weights: an artifact with its lineage, a version, and the alias moved to it. */
export async function publish(input: PublishInput, stored: Stored): Promise<PublishOutput> {
  const { runId, spec, checkpoint, evaluation } = input;
  const { model: name, alias } = spec.publish;
  const artifact = await standIn(stored, 'model', { checkpoint }, metaOf(input));
  const { digest } = checkpoint;
  const metrics = { base: evaluation.base, test: evaluation.test };
  const version = await stored.registry.publish(name, { digest, artifact, runId, metrics });
  await stored.registry.moveAlias(name, alias, version.version);
  const report = new TextEncoder().encode(`${JSON.stringify({ fake: 'report', version }, null, 2)}\n`);
  return {
    name,
    version: version.version,
    digest,
    model: artifact,
    reportUri: await stored.runs.putFile(runId, 'report.json', report),
    cached: false,
    summary: `${name}:${version.version}, ${name}@${alias}`,
  };
}

function metaOf(input: PublishInput): ModelMeta {
  const { spec, baseModel, adapter, dataset, tokens, checkpoint, evaluation, changes, approval } = input;
  return {
    task: spec.task,
    format: publishedFormat(spec.method),
    base: baseModel,
    labelNames: taskSchemaOf(spec).hasClasses ? ['no', 'yes'] : [],
    maxLength: spec.tokenize.maxLength,
    method: spec.method,
    lineage: {
      ...(adapter ? { adapter: adapter.digest } : {}),
      dataset: dataset.digest,
      tokens: tokens.digest,
      checkpoint: checkpoint.digest,
      spec: digestOf(spec),
      ...(changes?.length ? { changes } : {}),
      ...(approval ? { approval } : {}),
    },
    metrics: { base: evaluation.base, test: evaluation.test },
  };
}
