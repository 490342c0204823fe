import type { Verdict } from '@temper/contracts';
import { pc } from '../style.js';
import type { Terminal } from '../terminal.js';

/** How the training went, a line each: what was seen, and what to change first. */
export function printVerdicts(terminal: Terminal, verdicts: readonly Verdict[] = []): void {
  for (const { name, evidence, change, refuses } of verdicts) {
    const mark = name === 'fine' ? pc.green('✔') : refuses ? pc.red('✖') : pc.yellow('!');
    terminal.say(`${mark} ${pc.bold(name)}: ${evidence}`);
    if (change) terminal.say(`    ${pc.dim('change:')} ${change}`);
    if (refuses) terminal.say(`    ${pc.dim('or:')} evaluation.gate: none publishes it all the same`);
  }
  if (verdicts.length) terminal.say();
}

/** What a published model is marked with: one that would have been refused is no success, whatever the spec allows. */
export const publishedMark = (verdicts: readonly Verdict[] = []): string =>
  verdicts.some(({ name }) => name in words) ? pc.yellow('!') : pc.green('✔');

/** Of problems, those that the verdicts above do not tell. */
export const beside = <P extends { readonly path: string }>(problems: readonly P[] = []): P[] =>
  problems.filter(({ path }) => path !== 'evaluation');

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

/** The verdicts that refuse. */
const words: Readonly<Partial<Record<Verdict['name'], string>>> = {
  collapsed: 'collapsed',
  'worse-than-base': 'worse than its base',
};
