import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Work } from './child.js';
import { bounds, type Outcome, type Parser } from './parser.js';

export interface Fault {
  readonly case: number;
  readonly what: string;
}

export interface Summary {
  readonly parser: string;
  tried: number;
  /** Errors that are no TemperError, and ends of the process. */
  readonly crashes: Fault[];
  /** Too long, too much memory, too long a message. */
  readonly breaches: Fault[];
  slowest: Pick<Outcome, 'case' | 'ms'>;
  largest: Pick<Outcome, 'case' | 'bytes'>;
  seconds: number;
}

/** A child that is at one case for so long is ended: the case is a crash. */
const HUNG_MS = 60_000;
const KEPT = 2_000;

/** All cases of a parser. A child that ends is replaced by one that goes on behind the case it ended at. */
export async function runParser(parser: Parser, seed: string, inputs: number): Promise<Summary> {
  const started = performance.now();
  const summary: Summary = {
    parser: parser.name,
    tried: 0,
    crashes: [],
    breaches: [],
    slowest: { case: 0, ms: 0 },
    largest: { case: 0, bytes: 0 },
    seconds: 0,
  };
  for (let from = 0; from < inputs;) {
    const end = await someCases({ parser: parser.name, seed, from, to: inputs }, (outcome) =>
      add(summary, outcome),
    );
    if (end) {
      summary.tried++;
      summary.crashes.push(end);
    }
    from = end ? end.case + 1 : inputs;
  }
  summary.seconds = (performance.now() - started) / 1000;
  return summary;
}

function add(summary: Summary, outcome: Outcome): void {
  const { ms, bytes, messageBytes, crash } = outcome;
  const breach = (what: string) => summary.breaches.push({ case: outcome.case, what });
  summary.tried++;
  if (crash) summary.crashes.push({ case: outcome.case, what: crash });
  if (ms > bounds.ms) breach(`${Math.round(ms)} ms`);
  if (bytes > bounds.bytes) breach(`${Math.round(bytes / 2 ** 20)} MB`);
  if (messageBytes > bounds.messageBytes) breach(`a message of ${messageBytes} bytes`);
  if (ms > summary.slowest.ms) summary.slowest = outcome;
  if (bytes > summary.largest.bytes) summary.largest = outcome;
}

/** undefined: all done; else the case at which the child ended. */
function someCases(work: Work, onOutcome: (outcome: Outcome) => void): Promise<Fault | undefined> {
  // Sources ask no real server, and find no tool that would.
  const env = { ...process.env, PATH: '/nonexistent', HF_ENDPOINT: 'http://127.0.0.1:9', NODE_OPTIONS: '' };
  const file = fileURLToPath(new URL('./child.js', import.meta.url)).replace('/test/src/', '/test/dist/');
  const child = fork(file, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env, execArgv: [] });
  return new Promise((resolve) => {
    let at = work.from;
    let hung = false;
    let stderr = '';
    const kill = () => {
      hung = true;
      child.kill('SIGKILL');
    };
    let timer = setTimeout(kill, HUNG_MS);
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-KEPT)));
    child.on('message', (message: { started: number } | Outcome) => {
      clearTimeout(timer);
      timer = setTimeout(kill, HUNG_MS);
      if ('started' in message) at = message.started;
      else onOutcome(message);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const how = hung ? `nothing for ${HUNG_MS / 1000} s` : (signal ?? `exit status ${code}`);
      resolve(code === 0 ? undefined : { case: at, what: `the process ended: ${how}\n${stderr}`.trim() });
    });
    child.send(work);
  });
}
