/** How the hashes of a signature are grouped. */
export interface Bands {
  /** b */
  readonly bands: number;
  /** r: hashes of a band. */
  readonly rows: number;
}

const HASHES = 128;
/** Of pairs at the threshold itself so many may be missed, and of those 0.05 above it so many. */
const MISSED_AT = 0.01;
const MISSED_ABOVE = 0.001;

/**
 * Two sets of similarity s agree in one MinHash with probability s (Broder 1997), so in all r hashes of a band with s^r, and in at
 * least one of b bands – which makes them candidates – with 1 − (1 − s^r)^b (Leskovec, Rajaraman and Ullman, Mining of Massive
 * Datasets, 3.4). The longest bands that miss few enough pairs are the ones with the fewest candidates below the threshold; of
 * them, as few as are needed.
 */
export function bandsFor(threshold: number): Bands {
  for (let rows = 16; rows > 1; rows--) {
    for (let bands = 1; bands * rows <= HASHES; bands++) {
      if (missesFew(threshold, { bands, rows })) return { bands, rows };
    }
  }
  let bands = 1;
  while (!missesFew(threshold, { bands, rows: 1 })) bands++;
  return { bands, rows: 1 };
}

const missesFew = (threshold: number, bands: Bands): boolean =>
  missed(threshold, bands) <= MISSED_AT && missed(Math.min(1, threshold + 0.05), bands) <= MISSED_ABOVE;

/** Probability that a pair of this similarity is no candidate. */
export const missed = (similarity: number, { bands, rows }: Bands): number =>
  (1 - similarity ** rows) ** bands;
