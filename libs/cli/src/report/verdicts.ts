import type { Verdict } from '@temper/contracts';
import pc from 'picocolors';
import type { Terminal } from '../terminal.js';

/** How the training went, a line each: what was seen, and what to change first. */
export function printVerdicts(terminal: Terminal, verdicts: readonly Verdict[] = []): void {
  for (const { name, evidence, change, refuses } of verdicts) {
    const mark = name === 'fine' ? pc.green('✔') : refuses ? pc.red('✖') : pc.yellow('!');
    terminal.say(`${mark} ${pc.bold(name)}: ${evidence}`);
    if (change) terminal.say(`    ${pc.dim('change:')} ${change}`);
  }
  if (verdicts.length) terminal.say();
}

/** `collapsed`, or that the gate was not passed, or both. */
export function whyRefused(verdicts: readonly Verdict[] = [], problems: readonly { path: string }[]): string {
  const names = verdicts
    .filter(({ refuses }) => refuses)
    .map(({ name }) => `the model is ${words[name] ?? name}`);
  const gate = problems.some(({ path }) => path.startsWith('evaluation.gate.'))
    ? ['the gate was not passed']
    : [];
  return [...gate, ...names].join(', ') || 'the gate was not passed';
}

const words: Readonly<Partial<Record<Verdict['name'], string>>> = {
  'worse-than-base': 'worse than its base',
};
