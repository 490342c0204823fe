import { chmod, copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverBinary } from '@temper/services';
import { Machine } from './machine.js';
import { Network } from './network.js';

/** Names of the machines besides that of the servers. */
export type Name = 'client' | 'cpu-a' | 'cpu-b' | 'gpu';

/** Ports of the two addresses that the machines share. */
const TEMPORAL = 7233;
const S3 = 8333;

/** Machines that share the addresses of Temporal and S3, and the keys of the store, and nothing else. */
export class Site implements AsyncDisposable {
  readonly #machines: Machine[] = [];

  private constructor(
    readonly folder: string,
    private readonly network: Network,
    readonly at: Readonly<Record<Name, Machine>>,
  ) {}

  static async build(names: readonly Name[]): Promise<Site> {
    const folder = await mkdtemp(join(tmpdir(), 'temper-machines-'));
    await chmod(folder, 0o711);
    const network = new Network();
    const machines: Machine[] = [];
    try {
      // Users that exist nowhere else.
      const first = 200_000 + (process.pid % 100_000) * 10;
      const make = async (name: string, env: NodeJS.ProcessEnv) => {
        const { namespace, address } = await network.add(name);
        const user = first + machines.length;
        const machine = await Machine.make(folder, { name, user, namespace }, env);
        machines.push(machine);
        return { machine, address };
      };
      const { machine: servers, address } = await make('servers', {});
      const env = await startServers(servers, address);
      const made: Partial<Record<Name, Machine>> = {};
      for (const name of names) made[name] = (await make(name, env)).machine;
      const site = new Site(folder, network, made as Record<Name, Machine>);
      site.#machines.push(...machines);
      return site;
    } catch (error) {
      for (const machine of machines) await machine.powerCut();
      await network[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const machine of this.#machines.reverse()) await machine.powerCut();
    await this.network[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Returns all that the others are told. */
async function startServers(servers: Machine, address: string): Promise<NodeJS.ProcessEnv> {
  await mkdir(servers.path('bin'));
  for (const name of ['temporal', 'seaweedfs'] as const) {
    const { path } = await serverBinary(name);
    const copy = servers.path('bin', name === 'temporal' ? 'temporal' : 'weed');
    await copyFile(path, copy);
    await chmod(copy, 0o755);
  }
  await servers.own(servers.path('bin'));
  const user = servers.start('libs/services/dist/testing-user.js', [servers.path('.temper')]);
  await servers.ready(user, /joined/);
  const read = async <T>(name: string) =>
    JSON.parse(await readFile(servers.path('.temper', name), 'utf8')) as T;
  const { temporal, s3 } = await read<{ temporal: { address: string }; s3: { endpoint: string } }>(
    'services.json',
  );
  const keys = await read<{ accessKeyId: string; secretAccessKey: string }>('credentials.json');
  const port = (of: string) => /:(\d+)$/.exec(of)![1];
  servers.start('test/dist/machines/gateway.js', [
    address,
    `${TEMPORAL}:${port(temporal.address)}`,
    `${S3}:${port(s3.endpoint)}`,
  ]);
  return {
    TEMPORAL_ADDRESS: `${address}:${TEMPORAL}`,
    S3_ENDPOINT: `http://${address}:${S3}`,
    S3_ACCESS_KEY_ID: keys.accessKeyId,
    S3_SECRET_ACCESS_KEY: keys.secretAccessKey,
  };
}
