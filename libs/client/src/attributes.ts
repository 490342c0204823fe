import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import {
  searchAttributes,
  sourceInWords,
  sourcesInWords,
  stageNames,
  type RunStatus,
} from '@temper/contracts';
import { type PipelineSpec } from '@temper/spec';

export type AttributeName = (typeof searchAttributes)[number];

const keys = Object.fromEntries(
  searchAttributes.map((name) => [name, defineSearchAttributeKey(name, 'KEYWORD')]),
) as Record<AttributeName, ReturnType<typeof defineSearchAttributeKey<'KEYWORD'>>>;

/** What a run can be searched by from its first moment. */
export const attributesOf = (spec: PipelineSpec): SearchAttributePair[] => [
  { key: keys.TemperPipeline, value: spec.name },
  { key: keys.TemperModel, value: spec.publish.model },
  { key: keys.TemperPool, value: spec.resources.pool },
  { key: keys.TemperStage, value: stageNames[0] },
  ...(spec.team === undefined ? [] : [{ key: keys.TemperTeam, value: spec.team }]),
];

/** The sweep, and its trials by it. */
export const sweepAttribute = (sweepId: string): SearchAttributePair => ({
  key: keys.TemperSweep,
  value: sweepId,
});

export const attribute = (
  attributes: { get(key: (typeof keys)[AttributeName]): string | undefined },
  name: AttributeName,
): string | undefined => attributes.get(keys[name]);

const told: Readonly<Partial<Record<RunStatus, readonly RunStatus[]>>> = {
  completed: ['refused', 'unchanged'],
  running: ['paused', 'awaiting-approval'],
};

/** The server knows whether a workflow runs or completed; the value of its stage says whether it does so in another way. */
export const statusAs = (plain: RunStatus, attributes: Parameters<typeof attribute>[0]): RunStatus =>
  told[plain]?.find((status) => status === attribute(attributes, 'TemperStage')) ?? plain;

/** What people read in the Temporal UI. */
export const describeRun = (spec: PipelineSpec) => ({
  memo: {
    pipeline: spec.name,
    base: sourceInWords(spec.model.base),
    method: spec.method.type,
    dataset: sourcesInWords(spec.dataset.train),
  },
  staticSummary: `${spec.name}: ${spec.method.type} on ${lastPart(sourceInWords(spec.model.base))}`,
  staticDetails: [
    `**${spec.name}** – ${spec.task}, ${spec.method.type}`,
    `- base model \`${sourceInWords(spec.model.base)}\``,
    `- training data \`${sourcesInWords(spec.dataset.train)}\``,
    `- publishes \`${spec.publish.model}@${spec.publish.alias}\``,
  ].join('\n'),
});

const lastPart = (uri: string) =>
  uri
    .replace(/[\\/]+$/, '')
    .split('/')
    .at(-1)!;
