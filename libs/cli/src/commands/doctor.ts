import type { Command } from 'commander';
import { command } from '../define.js';

export function registerDoctor(program: Command): void {
  program.addCommand(
    command(
      'doctor',
      'what this machine has, what is missing, and how to mend it',
      () => {},
      async (terminal) => (await import('../doctor/doctor.js')).runDoctor(terminal),
    ),
  );
}
