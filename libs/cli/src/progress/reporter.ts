import type { LiveStage, RunSnapshot } from '@temper/client';
import type { StageReport } from '@temper/contracts';
import { pc, shown } from '../style.js';
import type { Terminal } from '../terminal.js';
import { heartbeatWords, stageLine, stagesOf } from './stage-line.js';

export interface Reporter {
  show(snapshot: RunSnapshot): void;
  /** Leaves the last state on the screen. */
  done(): void;
}

export const createReporter = (terminal: Terminal): Reporter =>
  terminal.live ? new BlockReporter(terminal) : new LineReporter(terminal);

const liveOf = (snapshot: RunSnapshot, stage: StageReport): LiveStage | undefined =>
  snapshot.live.find((l) => l.stage === stage.name);

const shownStages = ({ result, progress }: RunSnapshot): readonly StageReport[] =>
  stagesOf(result?.stages.length ? result : progress);

/** On a terminal: one block of a line a stage, rewritten in place. */
class BlockReporter implements Reporter {
  #lines = 0;
  readonly #waiting = new Waiting();
  constructor(private readonly terminal: Terminal) {}

  show(snapshot: RunSnapshot): void {
    const lines = shownStages(snapshot).map((s) =>
      clip(shown(stageLine(s, liveOf(snapshot, s), Date.now())), this.terminal.columns),
    );
    const waiting = this.#waiting.words(snapshot);
    if (waiting) lines.push(shown(pc.dim(`  ${waiting}`)));
    const up = this.#lines ? `\x1b[${this.#lines}A` : '';
    this.terminal.write(`${up}${lines.map((line) => `\x1b[2K${line}\n`).join('')}\x1b[0J`);
    this.#lines = lines.length;
  }

  done(): void {
    this.#lines = 0;
  }
}

/** Elsewhere (files, CI): a line when a stage changes, and a pulse of a long one. */
class LineReporter implements Reporter {
  readonly #statuses = new Map<string, string>();
  #pulse = { at: 0, text: '' };
  readonly #waiting = new Waiting();
  #said = '';
  constructor(private readonly terminal: Terminal) {}

  show(snapshot: RunSnapshot): void {
    const waiting = this.#waiting.words(snapshot);
    if (waiting && waiting !== this.#said) this.terminal.say(`  ${waiting}`);
    this.#said = waiting;
    for (const stage of shownStages(snapshot)) {
      const live = liveOf(snapshot, stage);
      if (this.#isNews(stage, live)) this.terminal.say(stageLine(stage, live, Date.now()));
      if (stage.status === 'running' && live?.heartbeat) this.#beat(stage.name, live);
    }
  }

  done(): void {}

  /** Another status than before, or another attempt after the first. */
  #isNews({ name, status, attempts }: StageReport, live: LiveStage | undefined): boolean {
    const key = `${status} ${live?.attempt ?? attempts}`;
    const known = this.#statuses.get(name);
    if (status === 'pending' || known === key) return false;
    this.#statuses.set(name, key);
    return status !== known?.split(' ')[0] || (live?.attempt ?? 1) > 1;
  }

  #beat(name: string, live: LiveStage): void {
    const text = heartbeatWords(live.heartbeat!);
    const now = Date.now();
    if (text === '' || text === this.#pulse.text || now - this.#pulse.at < PULSE) return;
    this.#pulse = { at: now, text };
    this.terminal.say(`    ${name.padEnd(11)} ${text}`);
  }
}

/** A busy worker may miss a question or two; one that misses all for so many milliseconds is not there. */
const WORKER_GONE = 15_000;

/** What is said of a run that no worker answers for. */
class Waiting {
  #since: number | undefined;

  words({ waitingForWorker, progress, result }: RunSnapshot): string {
    if (!waitingForWorker || result) this.#since = undefined;
    else if (!progress) return 'waiting for a worker to take the run';
    else if (Date.now() - (this.#since ??= Date.now()) >= WORKER_GONE)
      return 'no worker answers: temper up, or temper worker, starts one, and the run goes on';
    return '';
  }
}

/** Milliseconds between two lines about the same stage. */
const PULSE = 5_000;

/** Cuts to the width of the terminal, so that a line never wraps; escape sequences take no place. */
export function clip(line: string, width: number): string {
  let seen = 0;
  let at = 0;
  const escape = /\x1b\[[0-9;]*m/y;
  while (at < line.length && seen < width - 1) {
    escape.lastIndex = at;
    const match = escape.exec(line);
    if (match) at += match[0].length;
    else {
      seen++;
      at++;
    }
  }
  return at >= line.length ? line : `${line.slice(0, at)}…\x1b[0m`;
}
