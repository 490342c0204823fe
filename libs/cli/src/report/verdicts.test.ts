import type { RunResult } from '@temper/contracts';
import { describe, expect, it } from 'vitest';
import type { Terminal } from '../terminal.js';
import { printResult } from './result.js';

const plain = (text: string) => text.replaceAll(/\x1b\[[0-9;]*m/g, '');
function printed(result: Partial<RunResult>): string[] {
  const lines: string[] = [];
  const say = (line = '') => void lines.push(...plain(line).split('\n'));
  const terminal = { say, note: say, json: false } as unknown as Terminal;
  const empty = { runId: 'mail-1', status: 'completed', metrics: {}, stages: [], artifacts: {} } as const;
  printResult(terminal, { ...empty, ...result });
  return lines.map((line) => line.trim()).filter(Boolean);
}

const model = { name: 'mail', version: 1, digest: `sha256:${'a'.repeat(64)}`, uri: 's3://…' } as const;
const collapsed = {
  name: 'collapsed',
  evidence: 'all 30 test rows are predicted "a"',
  change: 'training.epochs: 9',
} as const;
const refused = { ...collapsed, refuses: true };
const problem = { path: 'evaluation', message: `collapsed: ${collapsed.evidence}` };

describe('the end of a run', () => {
  it('says that nothing is wrong, before what is published', () => {
    const [verdict, published] = printed({
      model,
      verdicts: [{ name: 'fine', evidence: 'f1 0.9 on 60 test rows' }],
    });
    expect(verdict).toBe('✔ fine: f1 0.9 on 60 test rows');
    expect(published).toMatch(/^✔ published mail:1/);
  });

  it('names the verdict that refuses, once, with what to change and how to publish all the same', () => {
    const error = { code: 'GATE_REFUSED', message: '', problems: [problem], stage: 'evaluate' } as const;
    expect(printed({ status: 'refused', verdicts: [refused], error }).slice(0, 4)).toEqual([
      '✖ collapsed: all 30 test rows are predicted "a"',
      'change: training.epochs: 9',
      'or: evaluation.gate: none publishes it all the same',
      '■ not published: the model is collapsed',
    ]);
    const bound = { path: 'evaluation.gate.f1', message: 'the test metric is outside its bounds' };
    const both = { ...error, problems: [bound, problem] };
    const lines = printed({ status: 'refused', verdicts: [refused], error: both });
    expect(lines).toContain('■ not published: the gate was not passed, the model is collapsed');
    expect(lines).toContain('✖ evaluation.gate.f1: the test metric is outside its bounds');
  });

  it('has no green tick for a model that is published nevertheless', () => {
    const lines = printed({ model, verdicts: [collapsed] });
    expect(lines[0]).toMatch(/^! collapsed/);
    expect(lines.find((line) => line.includes('published mail:1'))).toMatch(/^! /);
  });
});
