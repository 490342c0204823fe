import { downloadSchema, TemperError, type DownloadSpec } from '@temper/contracts';

const SLOWEST = 1_000; // bytes a second

/** Those of a spec that says nothing. */
export const noLimits: DownloadSpec = downloadSchema.parse(undefined);

/** Of stores that announce how large a file is: only what is bounded may not be as large as it likes. */
export const limitsOf = ({
  limits = noLimits,
  bounded,
}: {
  readonly limits?: DownloadSpec | undefined;
  readonly bounded?: boolean | undefined;
}): DownloadSpec => (bounded ? limits : { ...limits, maxBytes: Infinity });

const mend = (field: keyof DownloadSpec) => `the spec's download.${field} sets the limit`;

/** Watches one download; `signal` is aborted, with the error as its reason, where it goes beyond a limit. */
export class Watch implements Disposable {
  readonly #abort = new AbortController();
  readonly #started = performance.now();
  readonly #timer: NodeJS.Timeout;
  #received = 0;
  #lastAt = this.#started;
  #mark = { at: this.#started, received: 0 };

  constructor(
    readonly path: string,
    readonly limits: DownloadSpec,
    outer: AbortSignal | undefined,
  ) {
    const every = Math.min(1_000, (1_000 * Math.min(limits.stallSeconds, limits.maxSeconds)) / 4);
    this.#timer = setInterval(() => this.#look(), every);
    this.signal = outer ? AbortSignal.any([outer, this.#abort.signal]) : this.#abort.signal;
  }

  readonly signal: AbortSignal;

  /** The limit that was passed. */
  get passed(): TemperError | undefined {
    return this.#abort.signal.aborted ? (this.#abort.signal.reason as TemperError) : undefined;
  }

  /** @throws TemperError SOURCE_REFUSED for a file that is larger than it may be. */
  received(bytes: number): void {
    this.#received += bytes;
    this.#lastAt = performance.now();
    this.size(this.#received);
  }

  /** The pieces as they come. */
  async *counted<T extends Uint8Array>(pieces: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const piece of pieces) {
      this.received(piece.length);
      yield piece;
    }
  }

  size(bytes: number): void {
    if (bytes > this.limits.maxBytes) {
      throw this.#refused(
        'the file is too large',
        `more than ${this.limits.maxBytes.toLocaleString('en')} bytes`,
        'maxBytes',
      );
    }
  }

  #look(): void {
    const now = performance.now();
    const { stallSeconds, maxSeconds } = this.limits;
    if (now - this.#started > 1_000 * maxSeconds) {
      this.#abort.abort(
        this.#refused('the download takes too long', `${maxSeconds} s are over`, 'maxSeconds'),
      );
    }
    const [seconds, bytes] = [(now - this.#mark.at) / 1_000, this.#received - this.#mark.received];
    if (bytes >= SLOWEST * seconds) this.#mark = { at: now, received: this.#received };
    else if (seconds >= stallSeconds) this.#abort.abort(this.#stalled(bytes, seconds, now - this.#lastAt));
  }

  /** A connection on which nothing comes may be a fault that passes; one that drips is what the limit is for. */
  #stalled(bytes: number, seconds: number, silentMs: number): TemperError {
    const found = `${bytes} bytes in ${Math.round(seconds)} s`;
    if (silentMs < 500 * this.limits.stallSeconds)
      return this.#refused('the download is too slow', found, 'stallSeconds');
    const message = 'the server went silent';
    return new TemperError('SOURCE_UNAVAILABLE', {
      path: this.path,
      message,
      found,
      hint: mend('stallSeconds'),
    });
  }

  #refused(message: string, found: string, field: keyof DownloadSpec): TemperError {
    return new TemperError('SOURCE_REFUSED', { path: this.path, message, found, hint: mend(field) });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
