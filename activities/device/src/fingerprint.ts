import type { ArtifactRef, Digest, EngineIdentity, Provider } from '@temper/contracts';
import { withSettings } from '@temper/optimizers/schema';
import type { PipelineSpec } from '@temper/spec';

interface FurtherInputs {
  readonly adapter: ArtifactRef<'adapter'> | undefined;
  /** As `graphsInKey` has them. */
  readonly graphs: Readonly<Record<string, Digest>> | string;
  readonly engine?: EngineIdentity | undefined;
}

/**
 * The part of the spec that decides what training makes of its inputs. An adapter to start from counts by its content,
 * wherever it came from; the graphs that follow from it all by theirs; the engine where the result is to be exact.
 */
export function fingerprint(
  { task, problemType, model, method, training, resources }: PipelineSpec,
  provider: Provider,
  { adapter, graphs, engine }: FurtherInputs,
) {
  const { initFrom: _, ...settings } = { initFrom: undefined, ...method };
  const { precision, dropout } = model;
  return {
    task,
    ...(problemType === undefined ? {} : { problemType }),
    precision,
    dropout,
    method: settings,
    training: withSettings(training),
    threads: resources.threads,
    provider,
    graphs,
    ...(engine ? { engine } : {}),
    start: adapter ? { adapter: adapter.digest } : {},
  };
}
