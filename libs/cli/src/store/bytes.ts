/** Decimal, as disks are sold and `du --si` counts. */
export const megabytes = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1)} MB`;
