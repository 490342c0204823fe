import type { Metrics } from '@temper/contracts';
import { taskSchemaOf, type TaskChoice } from '@temper/tasks/schema';
import type { PipelineSpec } from './pipeline-spec.js';

/** Of the texts that a model writes to be measured. */
export interface GenerationSettings {
  readonly maxNewTokens: number;
  /** Rows of the test split, at most. */
  readonly rows: number;
}

/** Undefined where neither a report nor the gate asks for anything that is measured of generated texts. */
export function generationOf(
  spec: TaskChoice & Pick<PipelineSpec, 'evaluation'>,
): GenerationSettings | undefined {
  const { metrics = [], gate, maxNewTokens = 256, generationRows: rows = 200 } = spec.evaluation;
  const measured: readonly string[] = taskSchemaOf(spec).written?.metrics ?? [];
  const asked = [...metrics, ...(gate === 'none' ? [] : Object.keys(gate))];
  return asked.some((name) => measured.includes(name)) ? { maxNewTokens, rows } : undefined;
}

/** Of how many texts the scores of generated ones are; undefined where none were generated. */
export function generatedInWords({ generated }: Metrics): string | undefined {
  if (typeof generated !== 'object' || generated === null) return undefined;
  const { rows, of, cutOff } = generated as Readonly<Record<string, number>>;
  return `texts generated for ${rows} of ${of} rows${cutOff ? `, ${cutOff} of them cut off` : ''}`;
}
