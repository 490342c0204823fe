import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('npm says nothing but what it is asked: its settings here are ones that it knows', async () => {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  // Under `npm test`, npm's own variables say what this folder's file does.
  const outer = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  const { stdout, stderr } = await promisify(execFile)('npm', ['pkg', 'get', 'name'], {
    cwd: root,
    env: Object.fromEntries(outer),
  });
  expect({ stdout, stderr }).toEqual({ stdout: '"temper"\n', stderr: '' });
});
