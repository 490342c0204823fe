import type { StagePorts } from '@temper/activity';
import { splitNames, TemperError, withoutAlerts, type PinnedInputs, type Problem } from '@temper/contracts';
import type { IngestInput, IngestOutput } from '@temper/spec';
import { digestOf, takenBy, takenWords } from '@temper/storage';

/**
 * What an earlier run has stored, in place of what the sources of the spec hold by now: kept for as long as this run goes on.
 * @throws TemperError NOT_FOUND with all that is not there any more, and what took it
 */
export async function pinnedInputs(
  { artifacts, store }: StagePorts,
  { spec }: IngestInput,
  pinned: PinnedInputs,
): Promise<IngestOutput> {
  const missing: Problem[] = [];
  for (const ref of Object.values(pinned)) {
    if (!ref || (await artifacts.secure(ref))) continue;
    const taken = await takenBy(store, ref);
    const found = taken ? { found: takenWords(taken) } : {};
    missing.push({
      path: `${ref.kind} ${ref.digest}`,
      message: 'not there any more, or not whole',
      ...found,
    });
  }
  if (missing.length) throw new TemperError('NOT_FOUND', missing);
  const { dataset, baseModel, adapter } = pinned;
  const { rows } = (await artifacts.manifest(dataset)).meta;
  const counts = splitNames.flatMap((split) =>
    rows[split] === undefined ? [] : [`${rows[split].toLocaleString('en')} ${split} rows`],
  );
  return {
    dataset,
    baseModel,
    ...(adapter ? { adapter } : {}),
    spec: digestOf(withoutAlerts(spec)),
    cached: true,
    summary: `as stored: ${counts.join(', ')}, base model, ${adapter ? 'adapter, ' : ''}by their digests`,
  };
}
