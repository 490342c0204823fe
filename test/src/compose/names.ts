import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/**
 * A DNS server for A records, as the one of a container network: Prometheus finds the workers by it. Names that are not
 * known do not exist (RFC 1035, sections 4.1 and 4.3).
 */
export async function serveNames(addresses: ReadonlyMap<string, string>): Promise<AsyncDisposable> {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => socket.send(answerTo(query, addresses), port, address));
  socket.bind(53, '127.0.0.1');
  await once(socket, 'listening');
  return { [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())) };
}

const HEADER = 12;
const A = 1;

function answerTo(query: Buffer, addresses: ReadonlyMap<string, string>): Buffer {
  const labels: string[] = [];
  let at = HEADER;
  for (let length = query[at]!; length; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const question = query.subarray(HEADER, at + 5);
  const found = addresses.get(labels.join('.').toLowerCase());
  const records = found && query.readUInt16BE(at + 1) === A ? [recordOf(found)] : [];
  const header = Buffer.from(query.subarray(0, HEADER));
  // An answer, by authority, with recursion; NXDOMAIN for a name that is not there.
  header.writeUInt16BE(0x8580 | (found ? 0 : 3), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, question, ...records]);
}

/** The question's name again, class IN, for a second. */
const recordOf = (address: string) =>
  Buffer.from([0xc0, HEADER, 0, A, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split('.').map(Number)]);
