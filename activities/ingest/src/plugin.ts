import { stageActivity, StagePlugin, type StagePorts } from '@temper/activity';
import { shownSource, splitNames, withoutAlerts } from '@temper/contracts';
import { type IngestInput, type IngestOutput, type StageActivities } from '@temper/spec';
import { columnsInWords } from '@temper/data';
import { digestOf } from '@temper/storage';
import { ingestBaseModel } from './base-model.js';
import { ingestDataset } from './dataset.js';

/** The ingest stage: sources → data set and base model, both stored by content. */
export class IngestPlugin extends StagePlugin {
  constructor(ports: StagePorts) {
    super('ingest', ingestActivities(ports));
  }
}

export const ingestActivities = (ports: StagePorts): Pick<StageActivities, 'ingest'> => ({
  ingest: stageActivity<IngestInput, IngestOutput>(
    'ingest',
    async (input, context) => {
      const { dataset, rows, cached, notes } = await ingestDataset(ports, input, context);
      const model = await ingestBaseModel(ports, input, context);
      const counts = splitNames.flatMap((split) =>
        rows[split] === undefined ? [] : [`${rows[split].toLocaleString('en')} ${split} rows`],
      );
      const said = [...new Set([...notes, ...model.notes])];
      for (const note of said) context.log.warn(note, { run: input.runId });
      const base = `base model ${shownSource(input.spec.model.base)}`;
      const columns = columnsInWords(input.spec.dataset.columns);
      const summary = [`${counts.join(', ')} of ${columns}`, base, ...said].join('; ');
      const spec = digestOf(withoutAlerts(input.spec));
      return { dataset, baseModel: model.baseModel, spec, cached: cached && model.cached, summary };
    },
    { finishes: true },
  ),
});
