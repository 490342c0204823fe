import {
  tasks,
  TemperError,
  type HeadKind,
  type ModelMeta,
  type Problem,
  type Task,
} from '@temper/contracts';
import { readPipelineSpec, sourcesOf, taskOf, type Columns, type PipelineSpec } from '@temper/spec';
import { taskSchemaOf } from '@temper/tasks/schema';
import { baseOf, publishedModel } from './model.js';
import type { Sight } from './sight.js';

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
 * A spec that names no columns has those that its data have by their usual names, and the task that follows from the base
 * model and them. A spec whose fields are wrong where that depends on them stays as it is: its mistakes are told by whoever
 * reads it.
 */
export async function decideInput(
  sight: Sight,
  input: unknown,
  missing: readonly Problem[],
): Promise<DecidedInput> {
  const asIs = { input, summary: [], known: true };
  const open = openFields(input);
  if (!open) return { ...asIs, known: !columnsDecide(input) };
  const { given, spec } = open;
  const unknown = { ...asIs, known: given.task !== undefined };
  if (missing.some(({ path }) => /^dataset\.train\b/.test(path))) return unknown;
  try {
    const sources = sourcesOf(spec.dataset, 'train');
    // Of several sources the first that says nothing of its own columns.
    const { source: uri } = sources.find(({ columns }) => !columns) ?? sources[0]!;
    const source = await sight.files(uri, spec);
    if (!source) return unknown;
    const { decideColumns } = await import('@temper/data');
    const possible = given.task ? undefined : await tasksOfBase(sight, spec);
    const reading = { ...spec.dataset, cut: source.cut };
    const decided = await decideColumns({ ...given, possible }, source.files, reading);
    const { task, columns, inWords, byModel, unused } = decided;
    const named = given.columns ? '' : ', recognised by their names';
    const left = unused.length ? ` (${unused.join(', ')} is not used)` : '';
    const why = byModel ? ', the one that the base model can learn' : '';
    const written = input as { dataset: object };
    return {
      ...asIs,
      input: { ...written, task, dataset: { ...written.dataset, columns } },
      summary: [`columns ${inWords}${named}${left}; task ${task}${why}`],
    };
  } catch (error) {
    if (!(error instanceof TemperError)) throw error;
    return { ...unknown, known: false, error };
  }
}

/** What the base model can learn, where it can be looked at. What is wrong with it is told by its check. */
async function tasksOfBase(sight: Sight, spec: PipelineSpec): Promise<readonly Task[] | undefined> {
  const { base } = spec.model;
  try {
    if (base.startsWith('model:')) {
      const found = await publishedModel(sight, base);
      return found && (await tasksAfter(found.meta));
    }
    const path = await baseOf(sight, spec);
    const { possibleHeads } = await import('@temper/models');
    const heads = path === undefined ? undefined : await possibleHeads(path);
    return heads && withHeads(heads);
  } catch (error) {
    if (error instanceof TemperError) return undefined;
    throw error;
  }
}

const withHeads = (heads: readonly HeadKind[]): Task[] =>
  tasks.filter((task) => heads.includes(taskSchemaOf({ task }).head));

/** A published model goes on with its own task; one that has learnt hidden tokens is there to learn another. */
async function tasksAfter(meta: ModelMeta): Promise<readonly Task[]> {
  const { masking, head } = taskSchemaOf(meta);
  if (!masking) return [meta.task];
  const { headsBeside } = await import('@temper/models');
  return withHeads(headsBeside(head));
}

/** Columns that are wrong say nothing of the task that follows from them. */
function columnsDecide(input: unknown): boolean {
  const { task } = (input ?? {}) as { task?: unknown };
  return task === undefined && readPipelineSpec(input).problems.some(({ path }) => isColumns(path));
}

const isColumns = (path: string) => /^dataset\.columns\b/.test(path);

const everySourceHasItsOwn = ({ dataset }: PipelineSpec) =>
  sourcesOf(dataset, 'train').every(({ columns }) => columns);

interface Open {
  readonly spec: PipelineSpec;
  readonly given: { readonly task?: Task; readonly columns?: Columns };
}

/** What a decision needs; undefined where the spec leaves nothing open, or says it wrongly. */
function openFields(input: unknown): Open | undefined {
  const { spec, problems } = readPipelineSpec(input, { taskIsKnown: false });
  if (!spec || problems.some(({ path }) => /^(task|dataset\.(train|columns|encoding|quote))\b/.test(path)))
    return undefined;
  const written = input as { task?: unknown; dataset: { columns?: unknown } };
  const given = {
    ...(written.task === undefined ? {} : { task: spec.task }),
    ...(written.dataset.columns !== undefined || everySourceHasItsOwn(spec)
      ? { columns: spec.dataset.columns }
      : {}),
  };
  const decided = given.columns && (given.task || taskOf(given.columns));
  return decided ? undefined : { spec, given };
}
