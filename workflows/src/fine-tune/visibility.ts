import { defineSearchAttributeKey } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Provider, RunResult, RunStatus, StageName, StageReport } from '@temper/contracts';
import type { PipelineSpec } from '@temper/spec';
import { formatProblem } from '@temper/contracts/errors';

/**
 * What people see and search by in the Temporal UI.
 * The attributes are registered by `temper up`, or by the worker when it starts.
 */
const keyword = (name: string) => defineSearchAttributeKey(name, 'KEYWORD');
const pipeline = keyword('TemperPipeline');
const stage = keyword('TemperStage');
const model = keyword('TemperModel');
const pool = keyword('TemperPool');
const team = keyword('TemperTeam');

/** What the client has set at the start is not written again. */
export const showRun = (spec: PipelineSpec) =>
  show([
    { key: pipeline, value: spec.name },
    { key: model, value: spec.publish.model },
    { key: pool, value: spec.resources.pool },
    { key: stage, value: 'ingest' },
    ...(spec.team === undefined ? [] : [{ key: team, value: spec.team }]),
  ]);

/** Where the run is; `provider` once a pool is chosen. */
export const showStage = (name: StageName | RunStatus, provider?: Provider) =>
  show([{ key: stage, value: name }, ...(provider ? [{ key: pool, value: provider }] : [])]);

/** Only what changes, and in one command: each is an event of the history and a write to the server's index. */
function show(wanted: readonly { key: typeof stage; value: string }[]): void {
  const { typedSearchAttributes } = workflowInfo();
  const changed = wanted.filter(({ key, value }) => typedSearchAttributes.get(key) !== value);
  if (changed.length) upsertSearchAttributes(changed);
}

/** The stages as a table, and the notes under it, in the UI's markdown. */
export const showReports = (reports: readonly StageReport[], notes: readonly string[] = []) =>
  setCurrentDetails(tableOf(reports, notes).join('\n'));

const tableOf = (reports: readonly StageReport[], notes: readonly string[] = []): string[] =>
  ['| stage | status | seconds | attempts | |', '| --- | --- | --- | --- | --- |'].concat(
    reports.map((r) => `| ${r.name} | ${statusOf(r)} | ${r.seconds} | ${r.attempts} | ${r.summary ?? ''} |`),
    notes.length ? ['', ...notes.map((note) => `- ${note}`)] : [],
  );

/** The end of a run that needs somebody: what is wrong and what to type next, above the stages. */
export function showEnd(result: RunResult, notes: readonly string[] = []): void {
  const { runId, status, error } = result;
  if (!error) return showReports(result.stages, notes);
  const problems = error.problems.length ? error.problems.map(formatProblem) : [error.message];
  setCurrentDetails(
    [
      `**${status}${error.stage ? ` in ${error.stage}` : ''}: ${error.code}**`,
      '',
      ...problems.map((problem) => `- ${problem.replaceAll('\n', ' ')}`),
      '',
      ...['```sh', ...nextCommands(runId, status), '```'],
      '',
      ...tableOf(result.stages, notes),
    ].join('\n'),
  );
}

const nextCommands = (runId: string, status: RunStatus): string[] => [
  `temper runs show ${runId}   # what happened, where, and what to do next`,
  `temper runs logs ${runId}   # what its workers said`,
  status === 'refused'
    ? `temper runs metrics ${runId}   # how it learned`
    : `temper runs retry ${runId}   # goes on: what is done comes from the cache, training from its checkpoint`,
];

const statusOf = (report: StageReport) => (report.cached ? `${report.status}, cached` : report.status);
