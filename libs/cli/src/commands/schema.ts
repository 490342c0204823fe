import type { Command } from 'commander';
import { command } from '../define.js';

export function registerSchema(program: Command): void {
  program.addCommand(
    command<[], { sweep?: boolean }>(
      'schema',
      'print the JSON Schema of a spec, for editors',
      (c) => c.option('--sweep', 'of the spec of a sweep'),
      async (_, { sweep }) => {
        const { pipelineJsonSchema, sweepJsonSchema } = await import('@temper/spec');
        const schema = sweep ? sweepJsonSchema() : pipelineJsonSchema();
        process.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
      },
    ),
  );
}
