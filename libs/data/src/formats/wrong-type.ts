/** A value that cannot be read as its field; `message` is what is allowed. */
export class WrongType extends Error {
  constructor(
    allowed: string,
    /** In place of the general words, and of the value as it is. */
    readonly said: { readonly message?: string; readonly found?: string; readonly hint?: string } = {},
  ) {
    super(allowed);
  }
}
