import type { Task } from '@temper/contracts';
import type { ColumnMap } from './columns.js';

interface Form {
  readonly columns: ColumnMap;
  /** Absent where the values decide: class numbers, or labels of tokens. */
  readonly task?: Task;
}

const form = (task: Task | undefined, columns: Readonly<Record<string, string>>): Form => ({
  columns: Object.entries(columns),
  ...(task ? { task } : {}),
});

const pair = (prompt: string, completion: string) => form('causal-lm', { prompt, completion });

/** What columns are called in published data sets, by what their rows are. */
export const forms: readonly Form[] = [
  form('causal-lm', { messages: 'messages' }),
  form('causal-lm', { messages: 'conversations' }),
  form('causal-lm', { instruction: 'instruction', input: 'input', output: 'output' }),
  pair('prompt', 'completion'),
  pair('prompt', 'response'),
  pair('question', 'answer'),
  pair('instruction', 'output'),
  pair('instruction', 'response'),
  pair('input', 'output'),
  form('sequence-classification', { text: 'text', label: 'label' }),
  form(undefined, { inputIds: 'input_ids', labels: 'labels' }),
  form('causal-lm', { text: 'text' }),
];

/** The columns of the first form whose names are all there. */
export const recognised = (names: readonly string[]): ColumnMap | undefined =>
  forms.find(({ columns }) => columns.every(([, name]) => names.includes(name)))?.columns;
