export type { ActivityName, InputOf, OutputOf, TemperActivities } from './activities.js';
export { TemperTestEnvironment, type TestEnvironmentOptions, type TestRun } from './environment.js';
export {
  fakeActivities,
  FakeActivities,
  type Calls,
  type Fake,
  type FakeOptions,
  type Fakes,
} from './fakes.js';
export { MemoryStore } from '@temper/storage';
