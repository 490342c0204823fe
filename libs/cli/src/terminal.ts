import { visibleJson } from '@temper/contracts';
import { pc, shown, shownLine } from './style.js';

/**
 * Where words go. People read stdout; with `--json` stdout carries the answer alone and all words go to stderr.
 */
export class Terminal {
  readonly json: boolean;
  readonly #words: NodeJS.WriteStream;

  constructor({ json = false }: { json?: boolean | undefined } = {}) {
    this.json = json;
    this.#words = json ? process.stderr : process.stdout;
  }

  /** May lines be rewritten in place? */
  get live(): boolean {
    return this.#words.isTTY === true && process.env.TERM !== 'dumb' && !process.env.CI;
  }

  get columns(): number {
    return this.#words.columns ?? 100;
  }

  say(line = ''): void {
    this.#words.write(`${shown(line)}\n`);
  }

  note(line: string): void {
    this.#words.write(`${shownLine(pc.dim(line))}\n`);
  }

  warn(line: string): void {
    process.stderr.write(`${shownLine(`${pc.yellow('!')} ${line}`)}\n`);
  }

  /** As it is: controls of the terminal, and what went through `shown`. */
  write(text: string): void {
    this.#words.write(text);
  }

  /** The answer: JSON for programs, else what `human` prints. */
  answer(value: unknown, human: () => void): void {
    if (this.json) process.stdout.write(`${visibleJson(value)}\n`);
    else human();
  }
}
