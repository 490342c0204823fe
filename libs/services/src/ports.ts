import { createServer, type Server } from 'node:net';

/**
 * `count` different loopback ports that were free a moment ago. They are all held before any is let go. The range that the
 * kernel gives out by itself is not remembered by anyone else, but another program may still be faster: callers try again.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listening(0)));
  const ports = servers.map((server) => portOf(server));
  await Promise.all(servers.map(closed));
  return ports;
}

/** Can a server listen on this loopback port now? */
export async function isFree(port: number): Promise<boolean> {
  try {
    await closed(await listening(port));
    return true;
  } catch {
    return false;
  }
}

function listening(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

const closed = (server: Server) => new Promise<void>((resolve) => server.close(() => resolve()));

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}
