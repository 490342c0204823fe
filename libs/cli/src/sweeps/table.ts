import type { SweepProgress, SweepResult, TrialRow, TrialStatus } from '@temper/spec';
import { pc } from '../style.js';
import { formatProblems } from '../failure.js';
import { metric } from '../report/format.js';
import { table } from '../report/table.js';
import { beside, printVerdicts, publishedMark, whyRefused } from '../report/verdicts.js';
import type { Terminal } from '../terminal.js';

type Listed = Pick<SweepProgress, 'trials' | 'objective' | 'counts' | 'best' | 'sweepId'>;

/** The trials, a row each, the searched fields in columns of their own. */
export function trialTable({ trials, objective, best }: Listed): string {
  const fields = Object.keys(trials[0]?.params ?? {});
  const rows = trials.map((t) => [
    `${t.trial === best?.trial ? '*' : ' '} ${t.trial}`,
    ...fields.map((field) => valueOf(t, field)),
    metric(t.metric),
    t.steps === undefined ? '–' : String(t.steps),
    [wordOf(t.status), ...(t.verdicts ?? [])].join(', '),
  ]);
  const numbers = [fields.length + 1, fields.length + 2];
  return table(['  trial', ...fields, objective.metric, 'steps', 'status'], rows, { right: numbers });
}

const valueOf = ({ params }: TrialRow, field: string): string => {
  const value = params[field];
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

const wordOf = (status: TrialStatus) => (status === 'stopped' ? 'stopped early' : status);

/** `3 completed, 4 stopped early, 1 diverged`. */
export const countWords = (counts: SweepProgress['counts']): string =>
  (Object.keys(counts) as TrialStatus[])
    .filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${wordOf(status)}`)
    .join(', ');

/** The end of a sweep for people. */
export function printSweep(terminal: Terminal, result: SweepResult): void {
  terminal.say();
  if (result.trials.length) terminal.say(trialTable(result));
  terminal.say();
  terminal.say(`  ${countWords(result.counts)}`);
  if (result.best) {
    const { trial, runId, metric: value } = result.best;
    terminal.say(`  best: trial ${trial}, ${result.objective.metric} ${metric(value)}  ${pc.dim(runId)}`);
  }
  printVerdicts(terminal, result.verdicts);
  if (result.model) {
    const { name, version, digest } = result.model;
    terminal.say(
      `${publishedMark(result.verdicts)} published ${pc.bold(`${name}:${version}`)} ${pc.dim(digest)}`,
    );
  }
  if (result.status === 'cancelled') terminal.say(`${pc.yellow('■')} cancelled`);
  if (result.status === 'refused') {
    const why = whyRefused(result.verdicts, result.error?.problems ?? []);
    terminal.say(`${pc.yellow('■')} not published: ${why}`);
  }
  if (result.status === 'failed') terminal.say(`${pc.red('✖')} failed (${result.error?.code ?? 'UNKNOWN'})`);
  if (result.status === 'unknown') terminal.say(`${pc.yellow('■')} how it ended is not known`);
  for (const line of formatProblems(beside(result.error?.problems))) terminal.say(`  ${line}`);
}
