import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { ChangeInput, ControlAnswer, ControlInput, DecisionInput, RunProgress } from '@temper/contracts';

/** Where the run is: every stage with its status, time and attempts; the result once there is one. */
export const progressQuery = defineQuery<RunProgress>('progress');

/** Training stops with a checkpoint and gives its device away; another stage ends first. */
export const pauseUpdate = defineUpdate<ControlAnswer, [ControlInput]>('pause');
export const resumeUpdate = defineUpdate<ControlAnswer, [ControlInput]>('resume');
/** Other settings from the next step boundary on. */
export const changeUpdate = defineUpdate<ControlAnswer, [ChangeInput]>('change');
/** The decision that `publish.approval` asks for. */
export const approveUpdate = defineUpdate<ControlAnswer, [DecisionInput]>('approve');
export const rejectUpdate = defineUpdate<ControlAnswer, [DecisionInput]>('reject');
