import type { StagePorts } from '@temper/activity';
import type { Digest, ModelMeta, ModelVersion } from '@temper/contracts';
import { canonicalJson } from '@temper/storage';

/**
 * The version that predicts what this model does, where there is one: equal weights and their configuration (`digest`), over the same base
 * model, read in the same way. Two equal trainings are one version, whatever they were measured on. What a person approved is a
 * version of its own.
 */
export function equalVersion(
  { artifacts }: Pick<StagePorts, 'artifacts'>,
  { digest, meta }: { readonly digest: Digest; readonly meta: ModelMeta },
): (version: ModelVersion) => Promise<boolean> {
  return async (version) => {
    if (version.digest !== digest || !(await artifacts.isComplete(version.artifact))) return false;
    const there = (await artifacts.manifest(version.artifact)).meta;
    return canonicalJson(predictsBy(there)) === canonicalJson(predictsBy(meta));
  };
}

const predictsBy = ({
  task,
  problemType,
  format,
  base,
  labelNames,
  maxLength,
  precision,
  lineage,
}: ModelMeta) => ({
  ...{ task, problemType, format, labelNames, maxLength, precision },
  base: base.digest,
  approved: lineage.approval !== undefined,
});
