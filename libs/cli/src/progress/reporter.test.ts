import type { LiveStage, RunSnapshot } from '@temper/client';
import type { StageReport } from '@temper/contracts';
import { describe, expect, it, vi } from 'vitest';
import type { Terminal } from '../terminal.js';
import { clip, createReporter } from './reporter.js';

class Written {
  text = '';
  readonly json = false;
  readonly columns = 90;
  constructor(readonly live: boolean) {}
  say = (line = '') => void (this.text += `${line}\n`);
  write = (text: string) => void (this.text += text);
}

const written = (live: boolean) => new Written(live) as Written & Terminal;
const plain = (text: string) => text.replaceAll(/\x1b\[[0-9;]*m/g, '');
const stage = (name: string, status: string, more: Partial<StageReport> = {}) =>
  ({ name, status, cached: false, seconds: 1.25, attempts: 1, ...more }) as StageReport;

function snapshot(stages: StageReport[], live: LiveStage[] = []): RunSnapshot {
  const progress = { runId: 'r', pipeline: 'p', status: 'running' as const, stages };
  return { runId: 'r', progress, live, waitingForWorker: false };
}

describe('progress', () => {
  it.each([true, false])('says that no worker is there, but not at the first miss (live: %s)', (live) => {
    vi.useFakeTimers();
    const out = written(live);
    const reporter = createReporter(out);
    const missed = { ...snapshot([stage('train', 'running')]), waitingForWorker: true };
    const words = () => plain(out.text).split('no worker answers').length - 1;
    reporter.show(missed);
    vi.advanceTimersByTime(14_000);
    reporter.show(missed);
    reporter.show(snapshot([stage('train', 'running')]));
    vi.advanceTimersByTime(14_000);
    reporter.show(missed);
    expect(words()).toBe(0);
    vi.advanceTimersByTime(15_000);
    reporter.show(missed);
    expect(words()).toBe(1);
    reporter.show(missed);
    // Lines that can be rewritten are.
    expect(words()).toBe(live ? 2 : 1);
    vi.useRealTimers();
  });

  it('is a line when a stage changes, where lines cannot be rewritten', () => {
    const out = written(false);
    const reporter = createReporter(out);
    const done = stage('ingest', 'completed', { cached: true, summary: '12 rows' });
    reporter.show(snapshot([stage('ingest', 'running')]));
    reporter.show(snapshot([stage('ingest', 'running')]));
    reporter.show(snapshot([done, stage('preprocess', 'running')]));
    reporter.show(snapshot([done, stage('preprocess', 'completed', { summary: 'tokens' })]));
    expect(
      plain(out.text)
        .trim()
        .split('\n')
        .map((l) => l.trim()),
    ).toEqual(['● ingest', '✔ ingest      12 rows  cached', '● preprocess', '✔ preprocess  tokens  1.3 s']);
    expect(out.text).not.toContain('\x1b[2K');
  });

  it('is one block on a terminal, with step, loss and speed of the stage that runs', () => {
    const out = written(true);
    const reporter = createReporter(out);
    const heartbeat = {
      stage: 'train' as const,
      phase: 'training',
      step: 4,
      totalSteps: 9,
      loss: 0.5,
      tokensPerSecond: 1234,
    };
    reporter.show(
      snapshot([stage('train', 'running')], [{ stage: 'train', attempt: 2, state: 'running', heartbeat }]),
    );
    reporter.show(snapshot([stage('train', 'running')]));
    expect(plain(out.text)).toContain('attempt 2  step 4/9  loss 0.5000  1,234 tokens/s');
    expect(out.text.split('\x1b[5A')).toHaveLength(2);
  });

  it('says why a stage waits for its next attempt', () => {
    const out = written(true);
    const live: LiveStage = {
      stage: 'train',
      attempt: 3,
      state: 'waiting',
      lastFailure: 'the trainer was killed',
    };
    createReporter(out).show(snapshot([stage('train', 'running')], [live]));
    expect(plain(out.text)).toContain('attempt 3  soon, after: the trainer was killed');
  });

  it('cuts lines to the width, not counting colours', () => {
    expect(clip('\x1b[31mabcdef\x1b[39m', 4)).toBe('\x1b[31mabc…\x1b[0m');
    expect(clip('\x1b[31mabc\x1b[39m', 5)).toBe('\x1b[31mabc\x1b[39m');
  });
});
