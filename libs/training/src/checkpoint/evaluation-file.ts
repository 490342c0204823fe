import { isStep, type ArtifactRef, type EvaluationMetrics, type MetricLine } from '@temper/contracts';
import type { ArtifactStore } from '@temper/storage';

export const EVALUATION_FILE = 'evaluation.json';
/** All lines so far, in checkpoints of 0.1.0. */
const OLD_LOG = 'metrics.jsonl';

/** The evaluation made at a checkpoint's step; undefined where there was none. */
export async function keptEvaluation(
  artifacts: ArtifactStore,
  ref: ArtifactRef<'checkpoint'>,
): Promise<EvaluationMetrics | undefined> {
  const { files, meta } = await artifacts.manifest(ref);
  const has = (name: string) => files.some(({ path }) => path === name);
  if (has(EVALUATION_FILE)) return artifacts.readJson<EvaluationMetrics>(ref, EVALUATION_FILE);
  if (!has(OLD_LOG)) return undefined;
  const lines = new TextDecoder()
    .decode(await artifacts.readFile(ref, OLD_LOG))
    .split('\n')
    .filter(Boolean);
  return lines
    .map((line) => JSON.parse(line) as MetricLine)
    .findLast((line): line is EvaluationMetrics => !isStep(line) && line.step === meta.step);
}
