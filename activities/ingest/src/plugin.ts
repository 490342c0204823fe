import {
  stageActivity,
  stageParts,
  StagePlugin,
  type StagePluginOptions,
  type StagePorts,
} from '@temper/activity';
import { sourceInWords, splitNames, withoutAlerts } from '@temper/contracts';
import { type IngestInput, type IngestOutput, type StageActivities } from '@temper/spec';
import { columnsInWords } from '@temper/data';
import { digestOf } from '@temper/storage';
import { ingestAdapter } from './adapter.js';
import { ingestBaseModel } from './base-model.js';
import { checkUnseen } from './check.js';
import { ingestDataset } from './dataset.js';
import { pinnedInputs } from './pinned.js';

/** The ingest stage: sources → data set and base model, both stored by content. */
export class IngestPlugin extends StagePlugin {
  constructor(options: StagePluginOptions) {
    super('ingest', stageParts('IngestPlugin', options, ingestActivities), 'IngestPlugin');
  }
}

export const ingestActivities = (ports: StagePorts): Pick<StageActivities, 'ingest'> => ({
  ingest: stageActivity<IngestInput, IngestOutput>(
    'ingest',
    async (input, context) => {
      const odd = input.unchecked ? await checkUnseen(ports, input, context) : [];
      const { retention } = input.spec;
      // What a collection goes by when the run has ended, and nobody has its spec at hand.
      if (retention) await ports.runs.putRetention(input.runId, retention);
      if (input.pinned) return pinnedInputs(ports, input, input.pinned);
      const { dataset, rows, cached, notes } = await ingestDataset(ports, input, context);
      const model = await ingestBaseModel(ports, input, context);
      const adapter = await ingestAdapter(ports, input, model.baseModel, context);
      const counts = splitNames.flatMap((split) =>
        rows[split] === undefined ? [] : [`${rows[split].toLocaleString('en')} ${split} rows`],
      );
      const said = [...new Set([...notes, ...model.notes, ...(adapter?.notes ?? []), ...odd])];
      for (const note of said) context.log.warn(note, { run: input.runId });
      const base = `base model ${sourceInWords(input.spec.model.base)}`;
      const columns = columnsInWords(input.spec.dataset.columns);
      const start = adapter ? [`adapter ${adapter.shown}`] : [];
      const summary = [`${counts.join(', ')} of ${columns}`, base, ...start, ...said].join('; ');
      const spec = digestOf(withoutAlerts(input.spec));
      const started = adapter ? { adapter: adapter.ref } : {};
      return {
        dataset,
        baseModel: model.baseModel,
        ...started,
        spec,
        cached: cached && model.cached,
        summary,
      };
    },
    { finishes: true, beat: ports.heartbeatInterval, logs: ports.runs },
  ),
});
