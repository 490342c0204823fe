import { TemperError, type Problem, type Task } from '@temper/contracts';
import { type Columns } from '@temper/spec';
import { columnMap, type ColumnMap } from './column-map.js';
import { shownNames } from './fault.js';
import { suggestedLine, lineOf } from './suggest.js';

/** What the rows of a data set are, and what there is to learn from them. */
export interface Recognised {
  readonly columns: Columns;
  /** Absent where the values decide: class numbers, or labels of tokens. */
  readonly task?: Task;
}

type Form = Recognised & {
  /** Other tasks that learn from such rows, where the spec names one. */
  readonly also?: readonly Task[];
  /** Columns beside these that say there is more to a row than the form takes. */
  readonly unless?: readonly string[];
};

/** Beside a question and its answer: context that belongs to it, or marks of which answers are good ones. */
const more = ['context', 'passage', 'document', 'documents', 'system', 'system_prompt', 'history', 'tools'];
const marked = ['label', 'score', 'rating', 'reward'];

/** Beside a conversation: what belongs in front of its messages, or to them. */
const aside = ['system', 'system_prompt', 'functions'];

/** Beside a text: classes by another name than label, and who says it. */
const judged = ['labels', 'class', 'category', 'sentiment', 'intent', 'emotion', 'target', 'role'];

const pair = (prompt: string, completion: string): Form => ({
  task: 'causal-lm',
  columns: { prompt, completion },
  unless: [...more, ...marked, ...(prompt === 'input' ? [] : ['input'])],
});

const alpaca = (output: string): Form => ({
  task: 'causal-lm',
  columns: { instruction: 'instruction', input: 'input', output },
  unless: [...more, ...marked],
});

const tagged = (tokens: string, tags: string): Form => ({
  task: 'token-classification',
  columns: { tokens, tags },
});

/** What columns are called in published data sets. */
const forms: readonly Form[] = [
  { task: 'causal-lm', columns: { messages: 'messages' }, unless: aside },
  { task: 'causal-lm', columns: { messages: 'conversations' }, unless: aside },
  alpaca('output'),
  alpaca('response'),
  pair('prompt', 'completion'),
  pair('prompt', 'response'),
  pair('question', 'answer'),
  pair('instruction', 'output'),
  pair('instruction', 'response'),
  pair('input', 'output'),
  { task: 'sequence-classification', columns: { text: 'text', label: 'label' } },
  ...['anchor', 'query'].flatMap((anchor): Form[] => [
    { task: 'embedding', columns: { anchor, positive: 'positive' } },
    { task: 'embedding', columns: { anchor, positive: 'positive', negative: 'negative' } },
  ]),
  ...['score', 'similarity_score'].map((score): Form => ({
    task: 'embedding',
    columns: { sentence1: 'sentence1', sentence2: 'sentence2', score },
  })),
  ...['tokens', 'words'].flatMap((words) =>
    ['tags', 'ner_tags', 'labels', 'ner'].map((tags) => tagged(words, tags)),
  ),
  { columns: { inputIds: 'input_ids', labels: 'labels' } },
  { columns: { inputIds: 'input_ids', labels: 'label' } },
];

/** The weakest: other forms have a text besides, such as a conversation as one text. */
const plainText: Form = {
  task: 'causal-lm',
  also: ['masked-lm'],
  columns: { text: 'text' },
  unless: judged,
};

/** The forms of which all columns are there and fit the task; of two of which one says more, that one. */
function candidates(names: readonly string[], task: Task | undefined): Form[] {
  const has = (form: Form) => columnMap(form.columns).every(([, name]) => names.includes(name));
  const fits = (form: Form) => !task || !form.task || form.task === task || form.also?.includes(task);
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
  if (found.length !== 1 || besides(form!, names, task).length) return undefined;
  const columns = columnMap(form!.columns).map(([field, name]) => [field, names.get(name)!]);
  const learnt = form!.task && (task ?? form!.task);
  return { columns: Object.fromEntries(columns) as Columns, ...(learnt ? { task: learnt } : {}) };
}

/** The columns that make a row of what has these names, be it certain or not. */
export function usualColumns(given: readonly string[]): ColumnMap {
  const names = usualNames(given);
  const columns = candidates([...names.keys()], undefined).flatMap((form) => columnMap(form.columns));
  const chats = ['chosen', 'rejected', 'conversation', 'dialog', 'dialogue', 'turns'];
  return [...columns, ...chats.map((name) => ['messages', name] as const)].flatMap(([field, name]) =>
    names.has(name) ? [[field, names.get(name)!] as const] : [],
  );
}

/** The columns that say there is more to a row. Of a text that a language model learns, other columns say nothing. */
const besides = (form: Form, names: ReadonlyMap<string, string>, task: Task | undefined): string[] =>
  form === plainText && task
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
  if (names.length === 1 && /\.(csv|tsv)(\.(gz|zst))?$/i.test(file)) return oneColumn(file, names[0]!, task);
  const left = possible.length === 1 ? besides(possible[0]!, usual, task) : [];
  // A context belongs to its instruction as an input does, which the suggestion has.
  const certain =
    possible.length > 0 && possible[0] !== plainText && !left.some((name) => more.slice(0, 4).includes(name));
  const lines = certain
    ? possible.map(({ columns }) => lineOf(columns)).join(' or ')
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
  hint:
    task === 'sequence-classification'
      ? 'a classifier needs a text and its label'
      : `for texts alone: ${lineOf({ text: name.slice(0, 200) })}`,
});

const noColumns = (file: string): Problem => ({ path: file, message: 'there are no columns in this file' });
