import { TemperError, type DownloadSpec } from '@temper/contracts';
import { noLimits } from '../http/watch.js';

/** Members of one package; those with models and data have some hundreds. */
const MOST_MEMBERS = 200_000;

/** How much a package may hold, whatever few bytes it is packed in. */
export class UnpackLimit {
  #bytes = 0;
  #members = 0;

  constructor(
    private readonly path: string,
    private readonly limits: Pick<DownloadSpec, 'maxBytes'> = noLimits,
  ) {}

  /** Before a member is written; its size is as the archive says, and unpacking holds to it. @throws TemperError SOURCE_REFUSED */
  member(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.limits.maxBytes)
      throw this.#refused(
        `more than ${this.limits.maxBytes.toLocaleString('en')} bytes`,
        "the spec's download.maxBytes sets the limit",
      );
    if (++this.#members > MOST_MEMBERS)
      throw this.#refused(`more than ${MOST_MEMBERS.toLocaleString('en')} files`);
  }

  #refused(found: string, hint?: string): TemperError {
    const message = 'the package is too large';
    return new TemperError('SOURCE_REFUSED', { path: this.path, message, found, ...(hint ? { hint } : {}) });
  }
}
