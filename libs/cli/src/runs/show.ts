import type { LiveStage, RunDetail } from '@temper/client';
import {
  changeWords,
  engineWords,
  sourceInWords,
  sourcesInWords,
  type Digest,
  type EngineIdentity,
} from '@temper/contracts';
import { initFromOf } from '@temper/methods/schema';
import { shownSpec, type PipelineSpec } from '@temper/spec';
import { pc } from '../style.js';
import { linesByIndex, stageLine, stagesOf } from '../progress/stage-line.js';
import { printData } from '../report/data.js';
import { ago, duration } from '../report/format.js';
import { printResult } from '../report/result.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

export async function showRun(terminal: Terminal, runId: string): Promise<void> {
  await using session = await openSession(terminal);
  const run = await session.client.show(runId);
  const link = session.uiUrl && !session.temporary ? new URL(run.uiPath, session.uiUrl).href : undefined;
  const engine = await session.client.engine(run.result ?? run);
  const graphs = await session.client.graphs(run.result ?? run);
  const shown = { ...run, spec: run.spec && shownSpec(run.spec), engine, graphs, link };
  terminal.answer(shown, () => print(terminal, run, { link, engine, graphs }));
}

const inPrecision = ({ model: { precision } }: PipelineSpec) =>
  precision === 'fp32' ? '' : ` in ${precision}`;

/** `evaluate.onnx 66a09499b8d5, grad.onnx 3575f2205295` */
const graphWords = (graphs: Readonly<Record<string, Digest>>) =>
  Object.entries(graphs)
    .map(([name, digest]) => `${name} ${digest.slice('sha256:'.length, 'sha256:'.length + 12)}`)
    .join(', ');

interface Beside {
  readonly link: string | undefined;
  readonly engine: EngineIdentity | undefined;
  readonly graphs: Readonly<Record<string, Digest>> | undefined;
}

function print(terminal: Terminal, run: RunDetail, { link, engine, graphs }: Beside): void {
  const { spec } = run;
  terminal.say(`${pc.bold(run.runId)}  ${run.status}`);
  terminal.say(
    `  started ${ago(run.startedAt)}, ${duration(run.seconds)}${run.starts > 1 ? `, start ${run.starts}` : ''}`,
  );
  if (spec) {
    terminal.say(
      `  ${spec.task}, ${spec.method.type} on ${sourceInWords(spec.model.base)}${inPrecision(spec)}`,
    );
    terminal.say(`  data ${sourcesInWords(spec.dataset.train)}`);
    const start = initFromOf(spec.method);
    const digest = run.result?.adapter ? `  ${pc.dim(run.result.adapter)}` : '';
    if (start !== undefined) terminal.say(`  from the adapter ${sourceInWords(start)}${digest}`);
  }
  if (engine) terminal.say(`  trained by ${engineWords(engine)}`);
  if (graphs) terminal.note(`  graphs ${graphWords(graphs)}`);
  if (link) terminal.say(`  history ${pc.cyan(link)}`);
  terminal.say();
  printStages(terminal, run);
  if (run.result) printResult(terminal, run.result);
  else sayWhatToDo(terminal, run);
}

function printStages(terminal: Terminal, run: RunDetail): void {
  if (!run.result && !run.progress) {
    for (const line of linesByIndex(run, Date.now())) terminal.say(line);
    for (const live of run.live) printLive(terminal, live);
    return;
  }
  // Of a cancelled run that no worker answers for it is not known how far it came.
  const stages = run.result && !run.result.stages.length ? [] : stagesOf(run.result ?? run.progress);
  for (const stage of stages) {
    const live = run.live.find((l) => l.stage === stage.name);
    terminal.say(stageLine(stage, live, Date.now()));
    if (live) printLive(terminal, live);
  }
}

/** Of a stage under way: what failed before, and when it was last heard of. */
function printLive(
  terminal: Terminal,
  { lastFailure, attempt, heartbeat, heartbeatAt, worker }: LiveStage,
): void {
  if (lastFailure) terminal.say(pc.yellow(`      attempt ${attempt - 1}: ${lastFailure}`));
  if (heartbeat?.checkpoint) terminal.note(`      last checkpoint ${heartbeat.checkpoint}`);
  if (heartbeatAt) terminal.note(`      heard from ${ago(heartbeatAt.toISOString())}, ${worker ?? ''}`);
}

function sayWhatToDo(terminal: Terminal, run: RunDetail): void {
  terminal.say();
  for (const change of run.progress?.changes ?? [])
    terminal.say(`change of ${ago(change.at)}: ${changeWords(change)}, by ${change.by}`);
  printData(terminal, run.progress?.data);
  for (const note of run.progress?.notes ?? []) terminal.say(`${pc.yellow('!')} ${note}`);
  if (!run.progress) {
    terminal.say(`${pc.yellow('!')} no worker answers, so the run waits`);
    terminal.note('  temper up (or temper worker) starts one; it goes on from the last checkpoint');
  } else if (run.status === 'paused') {
    const { by, note, at } = run.progress.pause!;
    terminal.say(`${pc.yellow('■')} paused by ${by} ${ago(at)}${note ? `: ${note}` : ''}`);
    terminal.note(`temper runs resume ${run.runId} goes on exactly there`);
  } else if (run.status === 'awaiting-approval') {
    terminal.say(`${pc.yellow('■')} waits for approval: nothing is published yet`);
    terminal.note(`temper runs approve ${run.runId}, or reject`);
  } else {
    terminal.note(`temper runs watch ${run.runId} follows it; temper runs cancel ${run.runId} ends it`);
  }
}
