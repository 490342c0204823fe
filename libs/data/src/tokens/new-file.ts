import { closeSync, openSync, writeFileSync } from 'node:fs';

/** A file that is there, without what was in it before, as soon as something is written. */
export class NewFile implements Disposable {
  private handle: number | undefined;

  constructor(readonly path: string) {}

  /** Behind what was written before. */
  protected write(data: string | Uint8Array): void {
    this.handle ??= openSync(this.path, 'w');
    writeFileSync(this.handle, data);
  }

  /** Writes nothing more: a disk that is full would refuse it again, and its error would take the place of the first. */
  [Symbol.dispose](): void {
    if (this.handle !== undefined) closeSync(this.handle);
    this.handle = undefined;
  }
}
