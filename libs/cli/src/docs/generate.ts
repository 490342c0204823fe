import { pipelineJsonSchema, sweepJsonSchema, type JsonSchema } from '@temper/spec';
import { specReference } from './spec-reference.js';
import { sweepReference } from './sweep-reference.js';

/** Generated files by their path in the repository. */
export function generatedDocs(): Readonly<Record<string, string>> {
  const schema = pipelineJsonSchema();
  const sweep = sweepJsonSchema();
  return {
    'docs/spec.md': specReference(schema as JsonSchema),
    'docs/schema/pipeline.schema.json': `${JSON.stringify(schema, null, 2)}\n`,
    'docs/sweep-spec.md': sweepReference(sweep as JsonSchema),
    'docs/schema/sweep.schema.json': `${JSON.stringify(sweep, null, 2)}\n`,
  };
}
