import { splitNames, type SplitName } from '@temper/contracts';
import { parsePipelineSpec } from '@temper/spec';
import {
  ingestDataset,
  inspectClasses,
  inspectDataset,
  labelsOfModel,
  preprocessDataset,
} from '@temper/data';
import { checkModel } from '@temper/models';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { writeTinyBert, type TinyHead } from '../../cli/tiny-classifier.js';
import type { Runner } from '../case.js';

/**
 * What the check says, and what preprocessing makes of the rows. Files are `NAME.SPLIT.EXT`; `head` is that of the base
 * model's files.
 */
export const labels: Runner = async ({ head, dataset, task }, files) => {
  const folder = await mkdtemp(join(tmpdir(), 'temper-labels-'));
  try {
    const model = await writeTinyBert(join(folder, 'model'), head as TinyHead | undefined);
    const sources: Partial<Record<SplitName, [{ files: string[] }]>> = {};
    for (const file of files) (sources[splitOf(file)] ??= [{ files: [] }])[0].files.push(file);
    const spec = parsePipelineSpec({
      name: 'labels',
      ...(task ? { task } : {}),
      model: { base: model },
      dataset: {
        ...Object.fromEntries(Object.entries(sources).map(([split, [{ files }]]) => [split, files[0]])),
        ...(dataset as object),
      },
    });
    const found = await inspectDataset(spec, sources);
    const { head: known } = await checkModel(model, 'sequence-classification');
    const headClasses = known!.classes;
    const base = { classes: headClasses, names: labelsOfModel(known) };
    const check = spec.task === 'causal-lm' ? undefined : inspectClasses(spec, found.labels, base);
    await ingestDataset({ dataset: spec.dataset, sources, folder: join(folder, 'dataset') });
    const { meta } = await preprocessDataset({
      spec,
      datasetFolder: join(folder, 'dataset'),
      modelFolder: model,
      headClasses,
      folder: join(folder, 'tokens'),
    });
    const codes = (warnings: readonly { code: string }[] = []) => warnings.map(({ code }) => code).sort();
    return {
      check: { warnings: codes([...(check?.warnings ?? []), ...found.leaks]), head: check?.head },
      warnings: codes(meta.warnings),
      messages: meta.warnings?.map(({ message }) => message).join('\n'),
      head: meta.head?.from,
      saysOfHead: meta.head?.message,
      labelNames: meta.labelNames,
      classRows: meta.classRows,
      leaks: meta.leaks,
      dropped: meta.cleaning.dropped,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

function splitOf(file: string): SplitName {
  const name = basename(file).split('.').at(-2);
  return splitNames.find((split) => split === name) ?? 'train';
}
