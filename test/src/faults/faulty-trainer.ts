// The trainer's own entry, with deaths at exact places of the loop: the methods of its classes are wrapped here, so
// that the product has no switch for it. The trainer's threads load this file before their own.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import workerThreads, { isMainThread, Worker, type WorkerOptions } from 'node:worker_threads';
import { S3Store } from '@temper/s3';
import { Checkpoints } from '@temper/training/checkpoint/checkpoints';
import { TrainableModel } from '@temper/training/model';
import { Optimizer } from '@temper/training/optimizer/optimizer';
import { PLAN, type Death, type Happened, type Plan } from './plan.js';

const file = process.env[PLAN]!;
const plan = JSON.parse(readFileSync(file, 'utf8')) as Plan;
const log = `${file}.log`;
const before = existsSync(log)
  ? readFileSync(log, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Happened)
  : [];
const note = (what: Happened) => appendFileSync(log, `${JSON.stringify(what)}\n`);
const left = new Map((plan.deaths ?? []).map((death, i) => [i, death] as const).filter(([i]) => !hasDied(i)));

function hasDied(i: number): boolean {
  return before.some((line) => 'died' in line && line.died === i);
}

/** As the kernel does it: no handler runs, nothing is flushed. */
function dieIf(matches: (death: Death) => boolean): void {
  for (const [i, death] of left) {
    if (!matches(death)) continue;
    note({ died: i, pid: process.pid });
    process.kill(process.pid, 'SIGKILL');
    // The signal is on its way; nothing more may happen in this process.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
}

const { step } = Optimizer.prototype;
Optimizer.prototype.step = async function (options) {
  if (plan.slowMs) await sleep(plan.slowMs);
  dieIf((d) => d.at === 'step' && d.step === options.step && d.when === 'before');
  await step.call(this, options);
  dieIf((d) => d.at === 'step' && d.step === options.step && d.when === 'after');
};

const { accumulate } = TrainableModel.prototype;
TrainableModel.prototype.accumulate = async function (batch, at, first) {
  const loss = await accumulate.call(this, batch, at, first);
  dieIf((d) => d.at === 'micro' && d.step === at.step + 1 && d.micro === at.microBatch + 1);
  return loss;
};

let evaluated = 0;
const { evaluate } = TrainableModel.prototype;
TrainableModel.prototype.evaluate = async function (batch, options) {
  const found = await evaluate.call(this, batch, options);
  evaluated += 1;
  dieIf((d) => d.at === 'evaluation' && d.batch === evaluated);
  return found;
};

let saving: { step: number; puts: number } | undefined;
const { save } = Checkpoints.prototype;
Checkpoints.prototype.save = async function (store, state, settings) {
  saving = { step: state.step, puts: 0 };
  const ref = await save.call(this, store, state, settings);
  note({ saved: saving.step, puts: saving.puts });
  saving = undefined;
  return ref;
};

const { put } = S3Store.prototype;
S3Store.prototype.put = async function (key, body, condition) {
  const atDeath = () => dieIf((d) => d.at === 'save' && d.step === saving?.step && d.puts <= saving.puts);
  if (saving) atDeath();
  const answer = await put.call(this, key, body, condition);
  if (saving) {
    saving.puts += 1;
    atDeath();
  }
  return answer;
};

if (isMainThread) {
  workerThreads.Worker = class extends Worker {
    constructor(file: string | URL, options: WorkerOptions) {
      super(file, { ...options, execArgv: [...process.execArgv, '--import', import.meta.url] });
    }
  };
  syncBuiltinESMExports();
}

if (isMainThread && plan.addressSpace && !before.some((line) => 'limited' in line)) {
  note({ limited: plan.addressSpace });
  spawnSync('prlimit', ['--pid', String(process.pid), `--as=${plan.addressSpace}`]);
}

if (isMainThread) await import(new URL('./main.js', import.meta.resolve('@temper/trainer')).href);
