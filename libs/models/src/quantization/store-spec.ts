/** How the weights of the frozen linear modules lie in memory. */
export interface StoreSpec {
  readonly kind: 'nf4';
  readonly doubleQuantization: boolean;
  /** Modules that stay float32, because they are trained whole: ends of their names. */
  readonly keeps: readonly string[];
}
