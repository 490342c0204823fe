/**
 * The version of what the graphs of a job do not show, and keys of the stages train and evaluate therefore name: the loop, the order of
 * rows, random numbers, schedules, what updates parameters, how rows are fed and measured. Raise it where equal graphs give other
 * results than before, and record again (`npm run record`): `recorded.test.ts` repeats recorded trainings, and tells where it was forgotten.
 */
export const RESULTS_CODE = 'results/1';

/** Stands in a key for the graphs of a job that headers alone do not tell. Raise it where such a job's graphs change. */
export const GRAPHS_CODE = 'graphs/1';
