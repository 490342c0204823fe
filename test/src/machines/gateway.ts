// A way into a namespace: what comes to the address goes to a port of the loopback device, which others cannot reach.
//   node gateway.js ADDRESS PORT:LOOPBACK_PORT…
import { connect, createServer } from 'node:net';

const [address, ...ports] = process.argv.slice(2);

for (const pair of ports) {
  const [port, inner] = pair.split(':').map(Number);
  const server = createServer((socket) => {
    const through = connect(inner!, '127.0.0.1');
    socket.pipe(through).pipe(socket);
    socket.on('error', () => through.destroy());
    through.on('error', () => socket.destroy());
  });
  server.listen(port, address);
}
