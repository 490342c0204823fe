import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { endProcesses, identify, isAlive, signal } from './process-identity.js';

it('tells a process from a later one with the same number', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const known = identify(child.pid!)!;
  const reused = { ...known, startTime: known.startTime.replace(/^\d+/, (ticks) => `${Number(ticks) - 1}`) };
  const ofAnotherBoot = { ...known, startTime: `${known.startTime}0` };
  expect([known, reused, ofAnotherBoot].map(isAlive)).toEqual([true, false, false]);
  expect(signal(reused, 'SIGKILL')).toBe(false);
  expect(signal(ofAnotherBoot, 'SIGKILL')).toBe(false);
  expect(isAlive(known)).toBe(true);
  await endProcesses([known, reused], 2_000);
  expect(isAlive(known)).toBe(false);
});

it('kills what does not end when it is asked to', async () => {
  const program = "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)";
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const known = identify(child.pid!)!;
  await endProcesses([known], 100);
  expect(isAlive(known)).toBe(false);
});
