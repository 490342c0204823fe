import { rowsHold } from './hold.js';

// node test/dist/rows/main.js [ROWS] [PLACES] [SEED]
const [rows = 50_000, places = 200, seed = 1] = process.argv.slice(2).map(Number);
const { digests, cuts, wrong } = await rowsHold({ rows, places, seed }, (line) => console.log(line));
for (const line of wrong) console.log(line);
console.log(`${cuts} cuts, ${wrong.length} wrong; ${digests.length} digest`);
process.exitCode = wrong.length || digests.length !== 1 ? 1 : 0;
