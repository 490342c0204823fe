import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { SweepProgress, SweepSpec, TrialStatus } from '@temper/spec';

const keyword = (name: string) => defineSearchAttributeKey(name, 'KEYWORD');
const sweep = keyword('TemperSweep');

/** Trials are found by their sweep; a run's own attributes are set by the run. */
export const trialAttributes = (sweepId: string): SearchAttributePair[] => [{ key: sweep, value: sweepId }];

export const showSweep = (sweepId: string, { pipeline }: SweepSpec) =>
  upsertSearchAttributes([
    { key: sweep, value: sweepId },
    { key: keyword('TemperPipeline'), value: pipeline.name },
    { key: keyword('TemperModel'), value: pipeline.publish.model },
    ...(pipeline.team === undefined ? [] : [{ key: keyword('TemperTeam'), value: pipeline.team }]),
  ]);

/** Counts and the first trials as a table, in the UI's markdown. */
export const showTrials = ({ counts, trials, objective, phase }: SweepProgress) =>
  setCurrentDetails(
    [
      `**${phase}** – ${(Object.keys(counts) as TrialStatus[])
        .filter((status) => counts[status])
        .map((status) => `${counts[status]} ${status}`)
        .join(', ')}`,
      '',
      `| trial | status | ${objective.metric} | steps | |`,
      '| --- | --- | --- | --- | --- |',
      ...trials.map(
        (t) =>
          `| ${t.trial} | ${t.status} | ${t.metric ?? ''} | ${t.steps ?? ''} | ${JSON.stringify(t.params)} |`,
      ),
    ].join('\n'),
  );
