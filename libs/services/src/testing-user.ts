// A process that uses the services of a folder until it is ended; for tests.
//   node testing-user.js FOLDER
import { startServices } from './services.js';

const services = await startServices({ folder: process.argv[2]!, env: {} });
console.log(JSON.stringify({ joined: services.joined }));
setInterval(() => undefined, 1_000);
