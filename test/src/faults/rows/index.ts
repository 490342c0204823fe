import type { Row } from '../row.js';
import { checkpointWrites, everyStep, midAccumulation } from './trainer-kills.js';

/** In the order of the report. */
export const rows: readonly Row[] = [everyStep, midAccumulation, checkpointWrites];
