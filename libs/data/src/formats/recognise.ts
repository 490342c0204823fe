import { TemperError, type Columns, type Problem, type Task } from '@temper/contracts';
import { columnMap } from './columns.js';
import { suggestedLine, lineOf } from './suggest.js';

/** What the rows of a data set are, and what there is to learn from them. */
export interface Recognised {
  readonly columns: Columns;
  /** Absent where the values decide: class numbers, or labels of tokens. */
  readonly task?: Task;
}

type Form = Recognised & {
  /** Columns beside these that say there is more to a row than the form takes. */
  readonly unless?: readonly string[];
};

/** Beside a question and its answer: context that belongs to it, or marks of which answers are good ones. */
const more = ['context', 'passage', 'document', 'documents', 'system', 'system_prompt', 'history', 'tools'];
const marked = ['label', 'score', 'rating', 'reward'];

const pair = (prompt: string, completion: string): Form => ({
  task: 'causal-lm',
  columns: { prompt, completion },
  unless: [...more, ...marked, ...(prompt === 'input' ? [] : ['input'])],
});

/** What columns are called in published data sets. */
const forms: readonly Form[] = [
  { task: 'causal-lm', columns: { messages: 'messages' } },
  { task: 'causal-lm', columns: { messages: 'conversations' } },
  {
    task: 'causal-lm',
    columns: { instruction: 'instruction', input: 'input', output: 'output' },
    unless: [...more, ...marked],
  },
  pair('prompt', 'completion'),
  pair('prompt', 'response'),
  pair('question', 'answer'),
  pair('instruction', 'output'),
  pair('instruction', 'response'),
  pair('input', 'output'),
  { task: 'sequence-classification', columns: { text: 'text', label: 'label' } },
  { columns: { inputIds: 'input_ids', labels: 'labels' } },
];

/** The weakest: other forms have a text besides, such as a conversation as one text. */
const plainText: Form = { task: 'causal-lm', columns: { text: 'text' } };

/** The forms of which all columns are there and fit the task; of two of which one says more, that one. */
function candidates(names: readonly string[], task: Task | undefined): Form[] {
  const has = (form: Form) => columnMap(form.columns).every(([, name]) => names.includes(name));
  const fits = (form: Form) => !task || !form.task || form.task === task;
  const found = forms.filter((form) => has(form) && fits(form));
  const whole = found.filter((form) => !found.some((other) => other !== form && holds(other, form)));
  return whole.length ? whole : [plainText].filter((form) => has(form) && fits(form));
}

const namesOf = (form: Form) => columnMap(form.columns).map(([, name]) => name);
const holds = (larger: Form, smaller: Form) =>
  namesOf(larger).length > namesOf(smaller).length &&
  namesOf(smaller).every((name) => namesOf(larger).includes(name));

/** The columns of rows with these names, where there is no doubt; names may differ from the usual ones by case. */
export function recognised(given: readonly string[], task?: Task): Recognised | undefined {
  const names = usualNames(given);
  const found = candidates([...names.keys()], task);
  const [form] = found;
  if (found.length !== 1 || form!.unless?.some((name) => names.has(name))) return undefined;
  const columns = columnMap(form!.columns).map(([field, name]) => [field, names.get(name)!]);
  return { columns: Object.fromEntries(columns) as Columns, ...(form!.task ? { task: form!.task } : {}) };
}

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
  const found = names.slice(0, 30).join(', ').slice(0, 500);
  const possible = candidates([...usualNames(names).keys()], task);
  if (!possible.length && names.includes('chosen') && names.includes('rejected')) {
    const prompt = names.includes('prompt');
    return {
      path: file,
      message: 'pairs of a chosen and a rejected answer: no task learns from preferences yet',
      found,
      ...(prompt
        ? { hint: `to learn the chosen answers: ${lineOf({ prompt: 'prompt', completion: 'chosen' })}` }
        : {}),
    };
  }
  const lines = possible.length
    ? possible.map(({ columns }) => lineOf(columns)).join(' or ')
    : suggestedLine(names, task);
  return {
    path: file,
    message: 'it is not clear from their names what the columns are',
    found,
    hint: `add to the spec, with the right names: ${lines}`,
  };
}

const noColumns = (file: string): Problem => ({ path: file, message: 'there are no columns in this file' });
