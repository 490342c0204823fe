import { parsePipelineSpec } from '@temper/spec';
import type { Runner } from '../case.js';

/** What every command says about a spec before anything else. */
export const spec: Runner = async ({ spec: written }) => parsePipelineSpec(written);
