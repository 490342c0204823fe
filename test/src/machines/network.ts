import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ip = async (...args: string[]) => run('ip', args);

/** Why there can be no machines here; undefined where there can. */
export async function whyNoMachines(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'network namespaces are of Linux';
  if (process.getuid?.() !== 0) return 'it needs root, for network namespaces and other users';
  const name = `temper-probe-${process.pid}`;
  try {
    await run('setpriv', ['--version']);
    await run('unshare', ['--mount', 'true']);
    await ip('netns', 'add', name);
    await ip('-n', name, 'link', 'add', 'name', 'probe', 'type', 'bridge');
    return undefined;
  } catch (error) {
    return `no network namespaces: ${(error as Error).message.split('\n')[0]}`;
  } finally {
    await ip('netns', 'del', name).catch(() => undefined);
  }
}

/**
 * Namespaces on one wire, with nothing else in reach: no route leads out of it, and each has a loopback device of its own.
 * The wire is in the namespace of the first.
 */
export class Network implements AsyncDisposable {
  readonly #names: string[] = [];

  address = (index: number) => `10.213.77.${index + 1}`;

  /** Returns the namespace's name. */
  async add(machine: string): Promise<{ readonly namespace: string; readonly address: string }> {
    const index = this.#names.length;
    const namespace = `temper-${process.pid}-${machine}`;
    await ip('netns', 'add', namespace);
    this.#names.push(namespace);
    const address = this.address(index);
    const hub = this.#names[0]!;
    if (index === 0) {
      await ip('-n', hub, 'link', 'add', 'name', 'wire', 'type', 'bridge');
      await ip('-n', hub, 'addr', 'add', `${address}/24`, 'dev', 'wire');
      await ip('-n', hub, 'link', 'set', 'wire', 'up');
    } else {
      const port = `port${index}`;
      await ip(
        ...['-n', hub, 'link', 'add', 'name', port, 'type', 'veth'],
        ...['peer', 'name', 'wire', 'netns', namespace],
      );
      await ip('-n', hub, 'link', 'set', port, 'master', 'wire');
      await ip('-n', hub, 'link', 'set', port, 'up');
      await ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'wire');
      await ip('-n', namespace, 'link', 'set', 'wire', 'up');
    }
    await ip('-n', namespace, 'link', 'set', 'lo', 'up');
    return { namespace, address };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#names.splice(0).reverse()) {
      await ip('netns', 'del', name).catch(() => undefined);
    }
  }
}
