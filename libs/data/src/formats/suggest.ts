import type { Task } from '@temper/contracts';
import type { Columns } from '@temper/spec';
import { defaultTask, formsOf, likeliest, likelyForms, type LikelyForm } from '@temper/tasks/schema';

/** What numbers rows and is not learnt from. */
const isIndex = (name: string) =>
  /^(id|idx|index|uuid|guid|url|title|.*[_-]id|unnamed: \d+|__index_level_\d+__|column\d+)$/i.test(name);

/** `{text: body, label: sentiment}` */
export const columnsInWords = (columns: Columns): string =>
  `{${Object.entries(columns)
    .map(([field, name]) => `${field}: ${quoted(name as string)}`)
    .join(', ')}}`;

/** `dataset.columns: {text: body, label: sentiment}` */
export const lineOf = (columns: Columns): string => `dataset.columns: ${columnsInWords(columns)}`;

/** As YAML takes it. */
const quoted = (name: string) => (/^[A-Za-z_][\w-]*$/.test(name) ? name : JSON.stringify(name));

/** The line that a spec most probably needs for columns of these names: of the first form that they fit, or of the likeliest. */
export function suggestedLine(given: readonly string[], task: Task | undefined): string {
  const some = given.filter((name) => !isIndex(name));
  const names = some.length ? some : given;
  const possible = task && formsOf(task);
  const forms = likelyForms.filter(({ name }) => !possible || possible.includes(name));
  for (const form of forms) {
    const columns = fitting(form, names);
    if (columns) return lineOf(columns);
  }
  const [likely] = formsOf(task ?? defaultTask);
  return lineOf(
    filled(
      likelyForms.find(({ name }) => name === likely)!,
      names,
    ),
  );
}

/** The columns of a form, where there is a likely one for each field that it cannot do without. */
function fitting({ likely, wholeNames, standIns, required }: LikelyForm, names: readonly string[]) {
  const found = likeliest(likely, names, wholeNames);
  const columns = Object.keys(likely).flatMap((field) => {
    const name = found[field] ?? found[standIns?.[field] ?? ''];
    return name === undefined ? [] : [[field, name] as const];
  });
  const isWhole = required.every((field) => columns.some(([known]) => known === field));
  return isWhole ? (Object.fromEntries(columns) as Columns) : undefined;
}

/** The columns of a form; for fields that no name speaks for those that are left over. */
function filled({ likely, wholeNames, required }: LikelyForm, names: readonly string[]): Columns {
  const found = likeliest(likely, names, wholeNames);
  const left = names.filter((name) => !Object.values(found).includes(name));
  return Object.fromEntries(required.map((field) => [field, found[field] ?? left.shift() ?? '…'])) as Columns;
}
