export { Builds, type BuildInfo } from './builds.js';
export {
  TemperClient,
  type Asked,
  type ConnectOptions,
  type OverOptions,
  type SubmitOptions,
  type UploadOptions,
} from './client.js';
export type { MetricPair, Pair, VersionComparison } from './compare.js';
export { Collections, type CollectBy, type CollectionSchedule, type PastCollection } from './collections.js';
export { connectTemporal, type Environment } from './connect.js';
export type { FollowOptions, RunSnapshot } from './follow.js';
export type { LiveStage } from './live.js';
export { Models, type ModelDetail, type ModelEntry, type Promotion } from './models.js';
export {
  definePipeline,
  defineSweep,
  type Placed,
  type ReadyOptions,
  type SweepDefinition,
} from './pipeline/define.js';
export type { Rebuilding, RebuildOptions } from './rebuild.js';
export { runState } from '@temper/contracts';
export { newRunId } from './run-id.js';
export { listedStatuses, type ListRuns, type RunDetail, type RunSummary } from './runs.js';
export { parseDuration } from './schedules/duration.js';
export { compileMoment } from './schedules/timezone.js';
export { Schedules, type NewSchedule } from './schedules.js';
export type { ScheduledRun, ScheduleInfo } from './schedules/describe.js';
export { changeProblems, newScheduleProblems, type ScheduleOptions } from './schedules/options.js';
export { Sweeps, type SweepInfo, type SweepSnapshot } from './sweeps.js';
export { userInWords, userName } from './user-name.js';
