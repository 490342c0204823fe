import { defineSearchAttributeKey } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { PipelineSpec, Provider, RunStatus, StageName, StageReport } from '@temper/contracts';

/**
 * What people see and search by in the Temporal UI.
 * The attributes are registered by `temper up`, or by the worker when it starts.
 */
const keyword = (name: string) => defineSearchAttributeKey(name, 'KEYWORD');
const pipeline = keyword('TemperPipeline');
const stage = keyword('TemperStage');
const model = keyword('TemperModel');
const pool = keyword('TemperPool');

export const showRun = (spec: PipelineSpec) =>
  upsertSearchAttributes([
    { key: pipeline, value: spec.name },
    { key: model, value: spec.publish.model },
    { key: pool, value: spec.resources.pool },
  ]);

export const showStage = (name: StageName | RunStatus) =>
  upsertSearchAttributes([{ key: stage, value: name }]);

export const showPool = (provider: Provider) => upsertSearchAttributes([{ key: pool, value: provider }]);

/** The stages as a table, and the notes under it, in the UI's markdown. */
export const showReports = (reports: readonly StageReport[], notes: readonly string[] = []) =>
  setCurrentDetails(
    ['| stage | status | seconds | attempts | |', '| --- | --- | --- | --- | --- |']
      .concat(
        reports.map(
          (r) => `| ${r.name} | ${statusOf(r)} | ${r.seconds} | ${r.attempts} | ${r.summary ?? ''} |`,
        ),
        notes.length ? ['', ...notes.map((note) => `- ${note}`)] : [],
      )
      .join('\n'),
  );

const statusOf = (report: StageReport) => (report.cached ? `${report.status}, cached` : report.status);
