import { TemperError, type Problem, type Task } from '@temper/contracts';
import { type Columns } from '@temper/spec';
import {
  formInWords,
  formsOf,
  likelyForms,
  passages,
  usualForms,
  type UsualForm,
} from '@temper/tasks/schema';
import { columnMap, type ColumnMap } from './column-map.js';
import { shownNames } from './fault.js';
import { suggestedLine, lineOf } from './suggest.js';

/** What the rows of a data set are, and what there is to learn from them. */
export interface Recognised {
  readonly columns: Columns;
  /** Absent where the values decide: class numbers, or labels of tokens. */
  readonly task?: Task;
}

const forms = usualForms.filter((form) => !form.isWeakest);
/** Other forms have a text besides, such as a conversation as one text. */
const weakest = usualForms.filter((form) => form.isWeakest);

/** Columns of objects, which are no rows; those of preferences are told apart in words. */
const lists = [
  ...likelyForms.flatMap(({ hasLists, likely }) => (hasLists ? Object.entries(likely) : [])),
  ['messages', ['chosen', 'rejected']] as const,
].flatMap(([field, names]) => names.map((name) => [field, name] as const));

const mapOf = (form: UsualForm) => columnMap(form.columns as Columns);

/** The forms of which all columns are there and fit the task; of two of which one says more, that one. */
function candidates(names: readonly string[], task: Task | undefined): UsualForm[] {
  const has = (form: UsualForm) => mapOf(form).every(([, name]) => names.includes(name));
  const fits = (form: UsualForm) => !task || !form.task || form.task === task || form.also?.includes(task);
  const isOther = ({ givesWayTo }: UsualForm) =>
    !task && givesWayTo !== undefined && givesWayTo.every((name) => names.includes(name));
  const found = forms.filter((form) => has(form) && fits(form) && !isOther(form));
  const whole = found.filter((form) => !found.some((other) => other !== form && holds(other, form)));
  return whole.length ? whole : weakest.filter((form) => has(form) && fits(form));
}

const namesOf = (form: UsualForm) => mapOf(form).map(([, name]) => name);
const holds = (larger: UsualForm, smaller: UsualForm) =>
  namesOf(larger).length > namesOf(smaller).length &&
  namesOf(smaller).every((name) => namesOf(larger).includes(name));

/** The columns of rows with these names, where there is no doubt; names may differ from the usual ones by case. */
export function recognised(given: readonly string[], task?: Task): Recognised | undefined {
  const names = usualNames(given);
  const found = candidates([...names.keys()], task);
  const [form] = found;
  if (found.length !== 1 || besides(form!, names, task).length) return undefined;
  const columns = mapOf(form!).map(([field, name]) => [field, names.get(name)!]);
  const learnt = form!.task && (task ?? form!.task);
  return { columns: Object.fromEntries(columns) as Columns, ...(learnt ? { task: learnt } : {}) };
}

/** The columns that make a row of what has these names, be it certain or not. */
export function usualColumns(given: readonly string[]): ColumnMap {
  const names = usualNames(given);
  const columns = candidates([...names.keys()], undefined).flatMap(mapOf);
  return [...columns, ...lists].flatMap(([field, name]) =>
    names.has(name) ? [[field, names.get(name)!] as const] : [],
  );
}

/** The columns that say there is more to a row. Of a text that a language model learns, other columns say nothing. */
const besides = (form: UsualForm, names: ReadonlyMap<string, string>, task: Task | undefined): string[] =>
  form.isWeakest && task
    ? []
    : (form.unless ?? []).flatMap((name) => (names.has(name) ? [names.get(name)!] : []));

/** By the name in small letters, where no other column has the same; a name in small letters is itself. */
function usualNames(given: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map(given.map((name) => [name, name]));
  for (const name of given) {
    const small = name.toLowerCase();
    const twins = given.filter((other) => other.toLowerCase() === small);
    if (twins.length === 1) names.set(small, name);
  }
  return names;
}

/**
 * @throws TemperError DATA_INVALID, with the line to add to the spec, where names do not tell what the columns are.
 */
export function recogniseColumns(file: string, names: readonly string[], task?: Task): Recognised {
  const found = recognised(names, task);
  if (found) return found;
  throw new TemperError('DATA_INVALID', names.length ? doubt(file, names, task) : noColumns(file));
}

function doubt(file: string, names: readonly string[], task: Task | undefined): Problem {
  const found = shownNames(names);
  const usual = usualNames(names);
  const possible = candidates([...usual.keys()], task);
  if (names.length === 1 && /\.(csv|tsv)(\.(gz|zst))?$/i.test(file)) return oneColumn(file, names[0]!, task);
  const left = possible.length === 1 ? besides(possible[0]!, usual, task) : [];
  // A context belongs to its instruction as an input does, which the suggestion has.
  const certain =
    possible.length > 0 && !possible[0]!.isWeakest && !left.some((name) => passages.includes(name));
  const lines = certain
    ? possible.map(({ columns }) => lineOf(columns as Columns)).join(' or ')
    : suggestedLine(names, task);
  return {
    path: file,
    message: 'it is not clear from their names what the columns are',
    found,
    hint: `add to the spec, with the right names: ${lines}${left.length && certain ? ` (then ${left.join(', ')} is not used)` : ''}`,
  };
}

const oneColumn = (file: string, name: string, task: Task | undefined): Problem => ({
  path: file,
  message: 'there is one column only, and it is not clear from its name what it is',
  found: shownNames([name]).slice(0, 200),
  allowed: 'fields between , ; tabs or |, with their names in the first line, which is no comment or title',
  hint: hintOfOne(name, task),
});

function hintOfOne(name: string, task: Task | undefined): string {
  const forms = likelyForms.filter((form) => !task || formsOf(task).includes(form.name));
  const single = forms.find(({ required }) => required.length === 1 && required[0] === 'text');
  if (single) return `for texts alone: ${lineOf({ text: name.slice(0, 200) })}`;
  return `${task} learns from ${formsOf(task!).map(formInWords).join(' or ')}`;
}

const noColumns = (file: string): Problem => ({ path: file, message: 'there are no columns in this file' });
