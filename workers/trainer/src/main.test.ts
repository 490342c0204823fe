import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const entry = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const start = (stdio: StdioOptions) => spawn(process.execPath, [entry], { stdio });

describe('the trainer process', () => {
  it('ends when its parent goes away', async () => {
    const child = start(['ignore', 'ignore', 'inherit', 'ipc']);
    await once(child, 'spawn');
    const ended = once(child, 'exit');
    child.disconnect();
    expect(await ended).toEqual([1, null]);
  });

  it('says how it is meant to be started', async () => {
    const child = start(['ignore', 'ignore', 'pipe']);
    const said: Buffer[] = [];
    child.stderr!.on('data', (bytes: Buffer) => said.push(bytes));
    expect(await once(child, 'close')).toEqual([2, null]);
    expect(Buffer.concat(said).toString()).toContain('started by a worker');
  });

  it('answers a job that it cannot do with an error, not with a crash', async () => {
    const child = start(['ignore', 'ignore', 'inherit', 'ipc']);
    const events: { type: string; code?: string }[] = [];
    child.on('message', (event: { type: string }) => events.push(event));
    child.send({ kind: 'train', runId: 'r', provider: 'cpu', workFolder: '/nowhere', spec: {} });
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(events[0]!.type).toBe('error');
  });
});
