export { TemperClient, type ConnectOptions } from './client.js';
export { connectTemporal, type Environment } from './connect.js';
export type { FollowOptions, RunSnapshot } from './follow.js';
export type { LiveStage } from './live.js';
export { newRunId } from './run-id.js';
export type { ListRuns, RunDetail, RunSummary } from './runs.js';
export { milliseconds, Schedules, type ScheduleInfo, type ScheduleTimes } from './schedules.js';
export { Sweeps, type SweepInfo, type SweepSnapshot } from './sweeps.js';
