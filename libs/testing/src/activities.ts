import type { JanitorActivities, NotifyActivities, StageName } from '@temper/contracts';
import type { StageActivities } from '@temper/spec';
import type { PoolActivities } from '@temper/workflows';

/** Everything that Temper's workflows call. */
export type TemperActivities = StageActivities & PoolActivities & NotifyActivities & JanitorActivities;

export type ActivityName = keyof TemperActivities;
export type OtherActivity = Exclude<ActivityName, StageName>;

export type InputOf<A extends ActivityName> = Parameters<TemperActivities[A]>[0];
export type OutputOf<A extends ActivityName> = Awaited<ReturnType<TemperActivities[A]>>;
