import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Readable } from 'node:stream';
import { lastWords } from './last-words.js';
import { VERDICT_FD, type FromChild, type ToChild, type Verdict } from './protocol.js';

/** How a child ended that was not asked to. */
export interface End extends Partial<Verdict> {
  /** `SIGABRT`, `exit status 1`, and what it wrote last. */
  readonly how: string;
}

export interface ChildEvents {
  readonly onMessage: (message: FromChild) => void;
  readonly onEnd: (end: End) => void;
}

/** What the child needs of the environment: neither credentials nor Node's options are of its business. */
const PASSED =
  /^(PATH|LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|TMPDIR|LANG|LC_\w+|TZ|SystemRoot|RAYON_NUM_THREADS|TOKENIZERS_PARALLELISM)$/;
const KEPT = 4_000;

/** One child process. It does not keep this process alive, but while `busy(true)`. */
export class Child {
  readonly #process: ChildProcess;
  readonly #closed: Promise<void>;

  constructor({ onMessage, onEnd }: ChildEvents) {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED.test(name)));
    const child = spawn(process.execPath, [entry()], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
      serialization: 'advanced',
      env,
    });
    this.#process = child;
    const stderr = keptOf(child.stderr!);
    const verdict = keptOf(child.stdio[VERDICT_FD] as Readable);
    child.on('message', onMessage);
    this.#closed = new Promise((resolve) => {
      const ended = (how: string) => {
        resolve();
        onEnd({ how, ...verdictOf(verdict()) });
      };
      child.once('error', (error) => ended(error.message));
      child.once('close', (code, signal) => ended(lastWords(signal ?? `exit status ${code}`, stderr())));
    });
    this.busy(false);
  }

  send(message: ToChild): void {
    // What cannot be sent is answered by the child's end.
    this.#process.send(message, () => undefined);
  }

  busy(yes: boolean): void {
    const handles = [this.#process, this.#process.channel, ...this.#process.stdio.slice(2)] as ({
      ref?: () => void;
      unref?: () => void;
    } | null)[];
    for (const handle of handles)
      if (yes) handle?.ref?.();
      else handle?.unref?.();
  }

  async kill(): Promise<void> {
    this.busy(true);
    this.#process.kill('SIGKILL');
    await this.#closed;
  }
}

/** The last that is read from a stream. */
function keptOf(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (more: string) => (text = (text + more).slice(-KEPT)));
  return () => text;
}

function verdictOf(text: string): Verdict | undefined {
  try {
    return JSON.parse(text) as Verdict;
  } catch {
    return undefined;
  }
}

/** The built file of this package, from its sources too: Node cannot run TypeScript. */
const entry = (): string => fileURLToPath(new URL('../../../dist/tokenizer/child/main.js', import.meta.url));
