export { TemperClient, type ConnectOptions } from './client.js';
export { connectTemporal, type Environment } from './connect.js';
export type { FollowOptions, RunSnapshot } from './follow.js';
export type { LiveStage } from './live.js';
export { newRunId } from './run-id.js';
export type { ListRuns, RunDetail, RunSummary } from './runs.js';
export { Schedules } from './schedules.js';
export type { ScheduledRun, ScheduleInfo } from './schedules/describe.js';
export { changeProblems, newScheduleProblems, type ScheduleOptions } from './schedules/options.js';
