import { TemperError } from '@temper/contracts';
import { checkMethod } from '@temper/methods';
import { checkModel } from '@temper/models';
import { parsePipelineSpec, type PipelineSpec, type PipelineSpecInput } from '@temper/spec';
import { taskSchemas, type TaskSchema } from '@temper/tasks/schema';
import { methods, tasks, type Method, type TaskVariant } from './members.js';

/** A method and a task that go together, on a model. */
export interface Cell {
  readonly name: string;
  readonly method: Method;
  readonly task: TaskVariant;
  readonly modelFolder: string;
}

export const schemaOf = ({ key }: TaskVariant): TaskSchema => taskSchemas[key];

/** `training`: beside that of the task, which goes before it. */
export function specOf(cell: Cell, training: PipelineSpecInput['training'] = {}): PipelineSpec {
  const { task, method, modelFolder } = cell;
  const { task: name, problemType } = schemaOf(task);
  return parsePipelineSpec({
    name: 'combinations',
    ...{ task: name, problemType, model: { base: modelFolder, dropout: task.dropout } },
    dataset: { train: 'train.jsonl', columns: task.columns },
    ...{ method: method.method, tokenize: task.tokenize, training: { ...training, ...task.training } },
  });
}

/** The first of the models that can do it; undefined where the checks before a run refuse it for all. */
async function cellOf(
  method: Method,
  task: TaskVariant,
  modelFolders: readonly string[],
): Promise<Cell | undefined> {
  for (const modelFolder of modelFolders) {
    const cell = { name: `${method.name} · ${task.name}`, method, task, modelFolder };
    try {
      checkMethod(specOf(cell).method, await checkModel(modelFolder, schemaOf(task).head));
      return cell;
    } catch (error) {
      if (!(error instanceof TemperError)) throw error;
    }
  }
  return undefined;
}

/** Every method with every task that it goes with. */
export async function allCells(modelFolders: readonly string[]): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const method of methods)
    for (const task of tasks) {
      const cell = await cellOf(method, task, modelFolders);
      if (cell) cells.push(cell);
    }
  return cells;
}

/** Of all cells so few that each method and each task is in one of them, in turn with the others. */
export function fewOf(cells: readonly Cell[]): Cell[] {
  const chosen = new Set<Cell>();
  const cover = <T>(members: readonly T[], of: (cell: Cell) => T, other: (cell: Cell) => unknown) =>
    members.forEach((member, i) => {
      const fitting = cells.filter((cell) => of(cell) === member);
      const met = [...chosen].some((cell) => of(cell) === member);
      const used = new Map<unknown, number>();
      for (const cell of chosen) used.set(other(cell), (used.get(other(cell)) ?? 0) + 1);
      const least = Math.min(...fitting.map((cell) => used.get(other(cell)) ?? 0));
      const fresh = fitting.filter((cell) => (used.get(other(cell)) ?? 0) === least);
      if (!met && fresh.length) chosen.add(fresh[i % fresh.length]!);
    });
  cover(
    methods,
    ({ method }) => method,
    ({ task }) => task,
  );
  cover(
    tasks,
    ({ task }) => task,
    ({ method }) => method.method.type,
  );
  return [...chosen];
}

/** Members of the tables that are in none of the cells: nothing would be known of them. */
export function leftOut(cells: readonly Cell[]): string[] {
  const met = new Set(cells.flatMap<unknown>(({ method, task }) => [method, task]));
  return [...methods, ...tasks].filter((member) => !met.has(member)).map(({ name }) => name);
}

/** Each method once, as it is, in turn with the tasks. */
export function oneOfEachMethod(cells: readonly Cell[]): Cell[] {
  const types = [...new Set(cells.map(({ method }) => method.method.type))];
  const chosen: Cell[] = [];
  for (const type of types) {
    const fitting = fewOf(cells).filter(({ method }) => method.method.type === type);
    const fresh = fitting.find(({ task }) => !chosen.some((cell) => cell.task.key === task.key));
    chosen.push(fresh ?? fitting[0]!);
  }
  return chosen;
}
