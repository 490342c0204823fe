// npm run bench:gate -- [--rounds N] [--runs N] [--slow-down] [--model ID]
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gateModels, writeGateModel, type GateModel } from './models.js';
import { compileNow, gateBatch, openSide, recordedGraph, sideOfNow, type Side } from './side.js';
import { slowedDown } from './slow-down.js';
import { judge, MOST, type Round } from './verdict.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    runs: { type: 'string', default: '5' },
    /** Adds work to today's graphs: the gate must fail. */
    'slow-down': { type: 'boolean', default: false },
    model: { type: 'string', multiple: true },
  },
});
const threads = availableParallelism();
const say = (text: string) => process.stdout.write(`${text}\n`);

/** Of the releases whose graphs are kept, the last. */
const kept = join(import.meta.dirname, '../../../gate-graphs');
const release = (await readdir(kept)).sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1)!;

const folder = await mkdtemp(join(tmpdir(), 'temper-gate-'));
let failed = false;
try {
  for (const model of gateModels)
    if (!values.model || values.model.includes(model.id)) failed = !(await check(model)) || failed;
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;

async function check(model: GateModel): Promise<boolean> {
  const place = join(folder, model.id);
  await writeGateModel(model, join(place, 'model'));
  const compiled = await compileNow(model, join(place, 'model'));
  const options = { folder: place, threads };
  const graph = await recordedGraph(join(kept, release, `${model.id}.onnx`), compiled);
  const today = sideOfNow(compiled);
  const ours = values['slow-down'] ? { ...today, graph: slowedDown(today.graph, 4) } : today;
  const before = await openSide('before', compiled, { graph, rowGradients: [] }, options);
  const now = await openSide('now', compiled, ours, options);
  try {
    await sameLoss(model, before, now);
    const { ok, ratios } = await judge(() => measure(model, before, now));
    const shown = ratios.map((ratio) => `${ratio.toFixed(2)}×`).join(', then ');
    say(
      `${ok ? 'ok  ' : 'SLOW'} ${model.id}: a pass takes ${shown} of the time it took in ${release} (at most ${MOST}×)`,
    );
    return ok;
  } finally {
    await before.release();
    await now.release();
  }
}

/** The first runs, which are not timed: both sides must compute the same thing. */
async function sameLoss(model: GateModel, before: Side, now: Side): Promise<void> {
  const batch = gateBatch(model);
  const [a, b] = [await before.run(batch), await now.run(batch)];
  if (!values['slow-down'] && !(Math.abs(a - b) <= 1e-4 * Math.abs(a)))
    throw new Error(`${model.id}: the loss was ${a} and is ${b}`);
}

async function measure(model: GateModel, before: Side, now: Side): Promise<Round[]> {
  const batch = gateBatch(model);
  const timed = async (side: Side) => {
    const started = performance.now();
    await side.run(batch);
    return performance.now() - started;
  };
  const rounds: Round[] = [];
  for (let r = 0; r < Number(values.rounds); r++) {
    const round = { before: [] as number[], now: [] as number[] };
    for (let i = 0; i < Number(values.runs); i++) {
      round.before.push(await timed(before));
      round.now.push(await timed(now));
    }
    rounds.push(round);
  }
  return rounds;
}
