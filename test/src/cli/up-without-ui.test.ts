import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readProcesses } from '@temper/services/state';
import { expect, it } from 'vitest';
import { temper } from './temper.js';

it("temper up comes up without Temporal's UI, and says that Temporal asks nobody who he is", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'temper-headless-'));
  try {
    const ended = await temper(folder, 'up', '--detach', '--no-worker', '--no-temporal-ui');
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).not.toContain('Temporal UI');
    expect(ended.stdout).toMatch(/every user of this machine.*TEMPORAL_ADDRESS with TLS.*SECURITY\.md/s);
    const { servers } = (await readProcesses(join(folder, '.temper')))!;
    const line = await readFile(`/proc/${servers['temporal']!.pid}/cmdline`, 'utf8');
    expect(line.split('\0')).toContain('--headless');
  } finally {
    await temper(folder, 'down');
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);
