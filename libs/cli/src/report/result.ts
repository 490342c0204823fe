import {
  changeWords,
  errorCodes,
  reportedMetrics,
  stageNames,
  type Metrics,
  type RunResult,
} from '@temper/contracts';
import { generatedInWords } from '@temper/spec';
import { pc } from '../style.js';
import { formatProblems } from '../failure.js';
import type { Terminal } from '../terminal.js';
import { printData } from './data.js';
import { duration, metric } from './format.js';
import { table } from './table.js';
import { beside, printVerdicts, publishedMark, whyRefused } from './verdicts.js';

/** The end of a run for people. */
export function printResult(terminal: Terminal, result: RunResult): void {
  terminal.say();
  printData(terminal, result.data);
  printMetrics(terminal, result);
  printConfusion(terminal, result.metrics.test);
  printInterventions(terminal, result);
  printVerdicts(terminal, result.verdicts);
  if (result.model) {
    const { name, version, digest } = result.model;
    terminal.say(
      `${publishedMark(result.verdicts)} published ${pc.bold(`${name}:${version}`)} ${pc.dim(digest)}`,
    );
  }
  if (result.status === 'refused') printRefusal(terminal, result);
  if (result.status === 'unchanged') {
    terminal.say(`${pc.green('✔')} unchanged: data, base model and spec are those of ${result.sameAs}`);
  }
  if (result.status === 'cancelled') {
    terminal.say(`${pc.yellow('■')} cancelled`);
    terminal.note(`temper runs retry ${result.runId} goes on from its last checkpoint, where it has one`);
  }
  if (result.status === 'failed') printError(terminal, result);
  if (result.status === 'unknown') {
    terminal.say(`${pc.yellow('■')} ${result.error!.message}`);
    terminal.note(result.error!.problems[0]!.hint!);
  }
  for (const note of result.notes ?? []) terminal.say(`${pc.yellow('!')} ${note}`);
  const seconds = result.stages.reduce((sum, s) => sum + s.seconds, 0);
  terminal.note(`run ${result.runId}, ${duration(seconds)} in stages`);
}

function printMetrics(terminal: Terminal, { metrics }: RunResult): void {
  const columns = [
    ['base model', metrics.base],
    ['validation', metrics.validation],
    ['test', metrics.test],
  ].filter((c): c is [string, Metrics] => c[1] !== undefined);
  const rows = reportedMetrics
    .filter((name) => columns.some(([, m]) => typeof m[name] === 'number'))
    .map((name) => [name, ...columns.map(([, m]) => metric(m[name]))]);
  if (!rows.length) return;
  terminal.say(table(['', ...columns.map(([name]) => name)], rows, { right: [1, 2, 3] }));
  const generated = metrics.test && generatedInWords(metrics.test);
  if (generated) terminal.note(generated);
  terminal.say();
}

/** Rows are what is true, columns what was predicted. */
function printConfusion(terminal: Terminal, test: Metrics | undefined): void {
  const matrix = test?.confusionMatrix;
  if (!isMatrix(matrix) || matrix.length > 12) return;
  const names = labelNames(test!, matrix.length);
  const rows = matrix.map((row, i) => [names[i]!, ...row.map(String)]);
  const head = ['true ╲ predicted', ...names];
  terminal.say(table(head, rows, { right: names.map((_, i) => i + 1) }));
  terminal.say();
}

const isMatrix = (value: unknown): value is number[][] =>
  Array.isArray(value) && value.length > 0 && value.every((row) => Array.isArray(row));

function labelNames({ labels }: Metrics, classes: number): string[] {
  if (Array.isArray(labels) && labels.length === classes) return labels.map(String);
  return Array.from({ length: classes }, (_, i) => String(i));
}

/** What people did to the run. */
function printInterventions(terminal: Terminal, { forkedFrom, changes = [], approval }: RunResult): void {
  if (forkedFrom) terminal.say(`forked from ${forkedFrom.runId} at step ${forkedFrom.step}`);
  for (const change of changes) {
    const place = change.step === undefined ? 'too late' : `after step ${change.step}`;
    const note = change.note ? `: ${change.note}` : '';
    terminal.say(`changed ${place}: ${changeWords(change)}, by ${change.by}${note}`);
  }
  if (approval) {
    const comment = approval.comment ? `: ${approval.comment}` : '';
    terminal.say(`${approval.decision} by ${approval.by}${comment}`);
  }
}

function printRefusal(terminal: Terminal, result: RunResult): void {
  const { error, verdicts } = result;
  const why =
    error?.code === 'APPROVAL_REJECTED' ? 'a person decided' : whyRefused(verdicts, error?.problems ?? []);
  terminal.say(`${pc.yellow('■')} not published: ${why}`);
  for (const line of formatProblems(beside(error?.problems))) terminal.say(line);
}

/** What happened, where, and what to do next. */
function printError(terminal: Terminal, { runId, error, stages }: RunResult): void {
  const stage = error?.stage ?? stages.find((s) => s.status === 'failed')?.name;
  const place = stage && stageNames.includes(stage) ? ` in stage ${pc.bold(stage)}` : '';
  terminal.say(`${pc.red('✖')} failed${place}${error ? ` (${error.code})` : ''}`);
  const problems = error?.problems.length ? error.problems : [{ path: '', message: error?.message ?? '' }];
  for (const line of formatProblems(problems)) terminal.say(`  ${line}`);
  // A retry has the same spec, so it helps only where the cause is outside of it.
  const outside = !error || error.code === 'UNKNOWN' || errorCodes[error.code].retryable;
  const [next, why] = outside
    ? [
        `mend the cause, then ${pc.bold(`temper runs retry ${runId}`)}`,
        'training goes on from its last checkpoint, where it has one',
      ]
    : [
        `change what is said above and ${pc.bold('temper run')} the spec again`,
        'what did not change is cached',
      ];
  terminal.say(`  ${pc.dim('next:')} ${next} ${pc.dim(`(${why})`)}`);
}
