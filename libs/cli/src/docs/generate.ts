import { pipelineJsonSchema } from '@temper/contracts';
import { specReference, type Schema } from './spec-reference.js';

/** Generated files by their path in the repository. */
export function generatedDocs(): Readonly<Record<string, string>> {
  const schema = pipelineJsonSchema();
  return {
    'docs/spec.md': specReference(schema as Schema),
    'docs/schema/pipeline.schema.json': `${JSON.stringify(schema, null, 2)}\n`,
  };
}
