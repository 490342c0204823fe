/** The run was asked to stop; its checkpoint of `step` is in the store. */
export class Interrupted extends Error {
  constructor(readonly step: number) {
    super(`interrupted after step ${step}`);
    this.name = 'Interrupted';
  }
}
