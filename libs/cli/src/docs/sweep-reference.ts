import type { JsonSchema } from '@temper/spec';
import { specReference } from './spec-reference.js';

/** The reference of a sweep's own fields; those of its pipeline have a reference of their own. */
export function sweepReference(schema: JsonSchema): string {
  const { pipeline, search, ...fields } = schema.properties ?? {};
  const described = (field: JsonSchema | undefined, type: string): JsonSchema => ({
    type,
    description: field?.description ?? '',
  });
  const shown = {
    name: fields['name']!,
    pipeline: described(pipeline, 'object or text'),
    search: described(search, '{PATH: space}'),
    ...fields,
  };
  return specReference({ ...schema, properties: shown }, intro);
}

const intro = `<!-- Written by \`node infra/workspace/docs.mjs\` from libs/contracts/src/sweep-spec.ts: change it there. -->

# The sweep spec

A sweep is a YAML or JSON file; [sweeps.md](sweeps.md) explains it. \`pipeline\` is a [pipeline spec](spec.md), or the path of
one (relative to the sweep's file). As JSON Schema, for editors: [schema/sweep.schema.json](schema/sweep.schema.json), or
\`temper schema --sweep\`.
`;
