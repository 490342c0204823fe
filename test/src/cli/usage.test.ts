import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temper } from './temper.js';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'temper-usage-'))));
afterAll(() => rm(folder, { recursive: true }));

describe('the command line', () => {
  it('answers --help in under half a second, naming every command', async () => {
    // Other tests keep the machine busy: the best of some counts.
    const runs = [await temper(folder, '--help')];
    while (runs.length < 12 && runs.every((r) => r.milliseconds >= 500)) {
      runs.push(await temper(folder, '--help'));
    }
    expect(runs[0]!.code).toBe(0);
    for (const name of [
      'quickstart',
      'run',
      'runs',
      'models',
      'predict',
      'schedule',
      'sweep',
      'up',
      'down',
      'doctor',
    ]) {
      expect(runs[0]!.stdout).toContain(`\n  ${name}`);
    }
    expect(Math.min(...runs.map((r) => r.milliseconds))).toBeLessThan(500);
  });

  it.each([
    [['frobnicate'], 'unknown command'],
    [['run'], "missing required argument 'spec'"],
    [['run', 'a.yaml', '--frob'], "unknown option '--frob'"],
    [['runs', 'list', '--status', 'odd'], 'no such status'],
    [['schedule', 'create', 'a.yaml'], 'say when'],
    [['schedule', 'create', 'a.yaml', '--every', 'often'], 'not a duration'],
    [['sweep'], "missing required argument 'spec'"],
    [['sweep', 'list', '--limit', 'many'], 'not a number of sweeps'],
    [['worker', '--pool', 'tpu'], 'no such pool'],
    [['worker'], 'there is nothing to work for'],
    [['run', 'missing.yaml'], 'missing.yaml: no such file'],
  ])('ends with 2 for bad usage: %j', async (args, message) => {
    const { code, stderr } = await temper(folder, ...args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) as string });
    expect(stderr).not.toMatch(/\n\s+at .*[:(]\d+/);
  });

  it.each([
    [['train', 'a.yaml'], 'here: temper run SPEC'],
    [['runn', 'a.yaml'], 'did you mean one of run, runs?'],
    [['models', 'frob'], 'allowed: list'],
    [['run', 'a.yaml', '--chek'], 'did you mean --check?'],
    [['run', 'a.yaml', '--dry-run'], 'here: --check'],
    [['run', 'a.yaml', '--num_train_epochs', '3'], '--set training.epochs=VALUE'],
    [['run', 'a.yaml', '--epochs=3'], '--set training.epochs=VALUE'],
    [['run', 'a.yaml', '--set', 'a.b=1', 'a.c=2'], 'each setting has its own --set'],
    [['run'], 'temper run [options] <spec>'],
  ])('says what fits instead, with --json as JSON too: %j', async (args, hint) => {
    const { code, stdout, stderr } = await temper(folder, ...args, '--json');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(hint) as string });
    expect(JSON.parse(stdout)).toMatchObject({ status: 'failed', error: { code: 'SPEC_INVALID' } });
  });

  it('prints the JSON Schema of a spec', async () => {
    const { code, stdout } = await temper(folder, 'schema');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ required: ['name', 'model', 'dataset'] });
  });

  it('says that nothing runs, without starting anything', async () => {
    const { code, stdout } = await temper(folder, 'down', '--json');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"stopped":false}\n' });
  });
});
