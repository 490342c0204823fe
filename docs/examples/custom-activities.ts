// A stage of your own: drops rows with certain words from the data set that was ingested.
import { customStage, type StagePorts } from '@temper/activity';
import type { ArtifactRef } from '@temper/contracts';
import type { StageInput, StageOutput } from '@temper/spec';

export interface DropRowsInput extends StageInput {
  readonly dataset: ArtifactRef<'dataset'>;
  readonly words: readonly string[];
}
export interface DropRowsOutput extends StageOutput {
  readonly dataset: ArtifactRef<'dataset'>;
  readonly dropped: number;
}

/** What the workflow calls, and the worker has. */
export interface OwnActivities {
  dropRows(input: DropRowsInput): Promise<DropRowsOutput>;
}

export const ownActivities = (ports: StagePorts): OwnActivities => ({
  dropRows: customStage<DropRowsInput, DropRowsOutput>(ports, {
    name: 'dropRows',
    // Raise it when equal inputs give another result than before.
    code: 'drop-rows/1',
    // With the code: the key in the stage cache. Equal data and words are not filtered twice.
    reads: ({ dataset, words }) => ({ inputs: [dataset.digest], settings: words }),
    async run({ dataset, words }, { report, signal }) {
      const { files, meta } = await ports.artifacts.manifest(dataset);
      const kept: Record<string, Uint8Array> = {};
      const rows: Record<string, number> = {};
      let dropped = 0;
      // A file a split, an example a line.
      for (const { path } of files) {
        // Heartbeats go by themselves; what is reported goes with them. The signal fires when the run is cancelled.
        report({ phase: `filtering ${path}` });
        signal.throwIfAborted();
        const lines = new TextDecoder().decode(await ports.artifacts.readFile(dataset, path)).split('\n');
        const good = lines.filter((line) => line && !words.some((word) => line.includes(word)));
        dropped += lines.filter(Boolean).length - good.length;
        rows[path.replace('.jsonl', '')] = good.length;
        kept[path] = new TextEncoder().encode(good.map((line) => `${line}\n`).join(''));
      }
      return {
        dataset: await ports.artifacts.putArtifact('dataset', kept, { ...meta, rows }),
        dropped,
        summary: `${dropped} rows with ${words.join(', ')} dropped`,
      };
    },
  }),
});
