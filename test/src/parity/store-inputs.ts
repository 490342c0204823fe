import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  noneDropped,
  splitNames,
  type Masking,
  type Precision,
  type SplitName,
  type Task,
  type TokenizedSplit,
  type TokensMeta,
} from '@temper/contracts';
import { parsePipelineSpec, type PipelineSpecInput } from '@temper/spec';
import { writeTokens } from '@temper/data';
import type { ArtifactStore } from '@temper/storage';
import { taskSchemaOf, type TaskSchema } from '@temper/tasks/schema';
import type { TrainJob } from '@temper/training';
import type { TokenRow } from './golden.js';
import { startingAdapter } from './starting-adapter.js';

export interface TokenTraining {
  readonly modelFolder: string;
  readonly splits: Partial<Record<SplitName, readonly TokenRow[]>>;
  readonly task: Task;
  /** Of the base model. */
  readonly dropout?: 'config' | number;
  /** Of its frozen weights. */
  readonly precision?: Precision;
  readonly method: PipelineSpecInput['method'];
  readonly training: PipelineSpecInput['training'];
  readonly tokenize?: PipelineSpecInput['tokenize'];
  readonly resources?: PipelineSpecInput['resources'];
  /** Default 0. */
  readonly padTokenId?: number;
  /** Of labels that are all that may be hidden. */
  readonly masking?: Masking;
}

const tokenColumns = { inputIds: 'input_ids', labels: 'labels' };

/** Puts model and tokens into the store, as ingest and preprocess do; answers what a trainer's job says of them. */
export async function storeInputs(
  run: TokenTraining,
  artifacts: ArtifactStore,
  folder: string,
): Promise<Pick<TrainJob, 'spec' | 'baseModel' | 'adapter' | 'tokens'>> {
  const entries = await readdir(run.modelFolder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  const baseModel = await artifacts.putArtifact(
    'base-model',
    Object.fromEntries(names.map((name) => [name, join(run.modelFolder, name)])),
    { format: 'directory', source: 'parity' },
  );
  const { defaultColumns, sequencesPerExample, columns: forms } = taskSchemaOf(run) as TaskSchema;
  // Of tasks that take no tokens from outside (what is compared in pairs, two texts) they are stored as if they were ours.
  const given = forms.includes('tokenIds') ? tokenColumns : defaultColumns;
  const columns = run.masking ? { text: 'text' } : given;
  const splits = Object.fromEntries(
    splitNames.flatMap((name) =>
      run.splits[name]
        ? [[name, splitOf(run.splits[name], run.task, sequencesPerExample?.(columns))] as const]
        : [],
    ),
  );
  const files = await writeTokens(join(folder, 'tokens'), splits);
  const tokens = await artifacts.putArtifact(
    'tokens',
    Object.fromEntries(files.map((name) => [name, join(folder, 'tokens', name)])),
    { ...metaOf(splits, run.padTokenId ?? 0), ...(run.masking ? { masking: run.masking } : {}) },
  );
  const spec = parsePipelineSpec({
    name: 'parity',
    task: run.task,
    model: { base: run.modelFolder, dropout: run.dropout, precision: run.precision },
    dataset: { train: 'rows.jsonl', columns },
    method: run.method,
    training: run.training,
    tokenize: run.tokenize,
    resources: run.resources,
  });
  return { spec, baseModel, ...(await startingAdapter(artifacts, spec.method)), tokens };
}

/** Rows as the flat arrays of a split. */
function splitOf(
  rows: readonly TokenRow[],
  task: Task,
  sequencesPerExample: number | undefined,
): TokenizedSplit {
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => (offsets[i + 1] = offsets[i]! + row.input_ids.length));
  return {
    ...{ labelKind: taskSchemaOf({ task }).labelKind, sequencesPerExample },
    inputIds: Int32Array.from(rows.flatMap((row) => row.input_ids)),
    labels: Int32Array.from(rows.flatMap((row) => row.labels)),
    offsets,
    ...(rows[0]?.token_types && { tokenTypes: Int32Array.from(rows.flatMap((row) => row.token_types!)) }),
  };
}

function metaOf(splits: Partial<Record<SplitName, TokenizedSplit>>, padTokenId: number): TokensMeta {
  const { labelKind, labels, sequencesPerExample = 1 } = splits.train!;
  const classes = labelKind === 'class' || labelKind === 'tag' ? Math.max(...labels) + 1 : 0;
  const read = (splits.train!.offsets.length - 1) / sequencesPerExample;
  return {
    ...{ labelKind, ...(sequencesPerExample === 1 ? {} : { sequencesPerExample }) },
    labelNames: Array.from({ length: classes }, (_, i) => String(i)),
    splits: Object.fromEntries(Object.entries(splits).map(([name, split]) => [name, statisticsOf(split)])),
    cleaning: {
      read,
      kept: read,
      dropped: noneDropped,
      samples: [],
    },
    padTokenId,
  };
}

function statisticsOf({ offsets, inputIds, labels, sequencesPerExample = 1 }: TokenizedSplit) {
  const sequences = offsets.length - 1;
  const examples = sequences / sequencesPerExample;
  const lengths = Array.from({ length: sequences }, (_, i) => offsets[i + 1]! - offsets[i]!);
  const countedTokens = labels.filter((label) => label >= 0).length;
  return { examples, tokens: inputIds.length, countedTokens, truncated: 0, longest: Math.max(...lengths) };
}
