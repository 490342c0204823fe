import {
  readPipelineSpec,
  taskOf,
  TemperError,
  type Columns,
  type PipelineSpec,
  type Problem,
  type Task,
} from '@temper/contracts';
import { fetched } from './sources.js';

export interface DecidedInput {
  /** The spec with its columns and its task, where they could be decided. */
  readonly input: unknown;
  /** What was recognised, a line. */
  readonly summary: readonly string[];
  /** Why they could not. */
  readonly error?: TemperError;
  /** The task is the spec's own or was decided; not where the data is missing, or in a store that does not run yet. */
  readonly known: boolean;
}

/**
 * A spec that names no columns has those that its data have by their usual names, and the task that follows. A spec whose
 * fields are wrong where that depends on them stays as it is: its mistakes are told by whoever reads it.
 */
export async function decideInput(input: unknown, missing: readonly Problem[]): Promise<DecidedInput> {
  const asIs = { input, summary: [], known: true };
  const open = openFields(input);
  if (!open) return asIs;
  const { given, dataset } = open;
  const unknown = { ...asIs, known: given.task !== undefined };
  if (missing.some(({ path }) => path === 'dataset.train')) return unknown;
  try {
    const source = await fetched(dataset.train, open);
    if (!source) return unknown;
    const { decideColumns } = await import('@temper/data');
    const { task, columns, inWords } = await decideColumns(given, source.files, {
      ...dataset,
      cut: source.cut,
    });
    const spec = input as { dataset: object };
    return {
      ...asIs,
      input: { ...spec, task, dataset: { ...spec.dataset, columns } },
      summary: [`columns ${inWords}${given.columns ? '' : ', recognised by their names'}; task ${task}`],
    };
  } catch (error) {
    if (!(error instanceof TemperError)) throw error;
    return { ...unknown, known: false, error };
  }
}

type Open = Pick<PipelineSpec, 'dataset' | 'download'> & {
  readonly given: { readonly task?: Task; readonly columns?: Columns };
};

/** What a decision needs; undefined where the spec leaves nothing open, or says it wrongly. */
function openFields(input: unknown): Open | undefined {
  const { spec, problems } = readPipelineSpec(input, { taskIsKnown: false });
  if (!spec || problems.some(({ path }) => /^(task|dataset\.(train|columns|encoding|quote))\b/.test(path)))
    return undefined;
  const written = input as { task?: unknown; dataset: { columns?: unknown } };
  const given = {
    ...(written.task === undefined ? {} : { task: spec.task }),
    ...(written.dataset.columns === undefined ? {} : { columns: spec.dataset.columns }),
  };
  const decided = given.columns && (given.task || taskOf(given.columns));
  return decided ? undefined : { dataset: spec.dataset, download: spec.download, given };
}
