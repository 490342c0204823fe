/** Options of the plugin in nx.json: what the targets are called. */
export interface TemperNxOptions {
  /** Default `check`. */
  readonly checkTargetName?: string;
  /** Default `run`. */
  readonly runTargetName?: string;
  /** Default `serve-worker`. */
  readonly serveWorkerTargetName?: string;
}

export const withDefaults = (given: TemperNxOptions = {}): Required<TemperNxOptions> => ({
  checkTargetName: given.checkTargetName ?? 'check',
  runTargetName: given.runTargetName ?? 'run',
  serveWorkerTargetName: given.serveWorkerTargetName ?? 'serve-worker',
});
