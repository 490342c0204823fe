import { spamAssassin } from './spam-assassin.js';

/** Makes rows of a package whose data is not in a common format. */
export interface DatasetAdapter {
  /** npm name */
  readonly package: string;
  /** Raised when the rows change for the same package, so that cached ones are made anew. */
  readonly revision: number;
  rows(folder: string): AsyncIterable<Readonly<Record<string, string>>>;
}

export const datasets: readonly DatasetAdapter[] = [spamAssassin];
