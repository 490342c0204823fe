import type { Command } from 'commander';
import { command } from '../define.js';

export function registerSchema(program: Command): void {
  program.addCommand(
    command(
      'schema',
      'print the JSON Schema of a spec, for editors',
      () => {},
      async () => {
        const { pipelineJsonSchema } = await import('@temper/contracts');
        process.stdout.write(`${JSON.stringify(pipelineJsonSchema(), null, 2)}\n`);
      },
    ),
  );
}
