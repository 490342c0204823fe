/**
 * The servers are other machines', and so may the workers be: what lies on this one they do not see. Servers of one's own
 * are for this machine alone.
 */
export const workersAreElsewhere = (): boolean =>
  Boolean(process.env['TEMPORAL_ADDRESS'] && process.env['S3_ENDPOINT']);

/** How a run is submitted that names what this machine does not see: the client looks for no files, ingest checks them. */
export const uncheckedWhere = (unseen: readonly string[]) =>
  unseen.length ? { unchecked: true, check: false } : {};
