import { parsePipelineSpec } from '@temper/spec';
import { readExamples } from '@temper/data';
import { nameIn, resolveSource } from '@temper/sources';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { corpusFolder, type Runner } from '../case.js';

const folder = join(corpusFolder, 'sources');

/** A source in a spec: read by its grammar, found, and its rows read. `uri` as it is, `path` below the corpus. */
export const sources: Runner = async ({ uri, path }) => {
  const train = (uri ?? join(folder, path as string)) as string;
  for (const spec of [
    { name: 'x', model: { base: train }, dataset: { train: 'a.csv' } },
    { name: 'x', model: { base: 'm' }, dataset: { train: 'a.csv', test: train } },
  ]) {
    parsePipelineSpec(spec);
  }
  const options = { baseFolder: folder, cacheFolder: join(tmpdir(), 'temper-corpus-sources') };
  const found = await resolveSource(train, options);
  const rows = [];
  for await (const row of readExamples(found.files, { text: 'text', label: 'label' })) rows.push(row);
  return { rows, names: found.files.map((file) => nameIn(found.folder, file)) };
};
