const BINS = 15;

/** Rows whose confidence lies in one bin. */
interface ReliabilityBin {
  /** Of the probability that the model gives its own answer: above `from`, at most `to`. */
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  /** Mean probability, and share of the rows that are right: equal where the model is calibrated. */
  readonly confidence: number;
  readonly accuracy: number;
}

/** How far a classifier's probabilities can be taken as such: 15 bins of equal width (Guo et al. 2017). */
export class Calibration {
  private readonly rows = new Int32Array(BINS);
  private readonly hits = new Int32Array(BINS);
  private readonly confidence = new Float64Array(BINS);

  /** `probability`: of the class that is predicted. */
  add(probability: number, hit: boolean): void {
    const bin = Math.min(BINS - 1, Math.max(0, Math.ceil(probability * BINS) - 1));
    this.rows[bin]!++;
    if (hit) this.hits[bin]!++;
    this.confidence[bin]! += probability;
  }

  /** Expected calibration error: Σ over bins of |hits − summed confidence| / rows in all; undefined without rows. */
  error(): number | undefined {
    const rows = this.rows.reduce((a, b) => a + b, 0);
    if (rows === 0) return undefined;
    return this.confidence.reduce((sum, total, bin) => sum + Math.abs(this.hits[bin]! - total), 0) / rows;
  }

  /** The bins that have rows. */
  table(): ReliabilityBin[] {
    return Array.from(this.rows, (rows, bin) => ({
      from: bin / BINS,
      to: (bin + 1) / BINS,
      rows,
      confidence: this.confidence[bin]! / rows,
      accuracy: this.hits[bin]! / rows,
    })).filter(({ rows }) => rows > 0);
  }
}
