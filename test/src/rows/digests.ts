import { parsePipelineSpec } from '@temper/spec';
import { ingestDataset } from '@temper/data';
import { ArtifactStore, MemoryStore } from '@temper/storage';
import { join } from 'node:path';
import { formats, textRows, writeRows, type Format } from './write-formats.js';

const { dataset } = parsePipelineSpec({
  name: 'rows',
  model: { base: './none' },
  dataset: { train: './none', columns: { text: 'text', label: 'label' } },
});

/** The digest of the data set that ingest makes of equal rows, by the format that they were written in. */
export async function digestsByFormat(folder: string, count: number): Promise<Record<Format, string>> {
  const artifacts = new ArtifactStore(new MemoryStore(), { cacheFolder: join(folder, 'blobs') });
  const rows = textRows(count);
  const digests: Partial<Record<Format, string>> = {};
  for (const format of formats) {
    const file = await writeRows(folder, 'same', format, rows);
    const { files, meta } = await ingestDataset({
      dataset,
      sources: { train: [{ files: [file] }] },
      folder: join(folder, 'ingested'),
    });
    digests[format] = (await artifacts.putArtifact('dataset', files, meta)).digest;
  }
  return digests as Record<Format, string>;
}
