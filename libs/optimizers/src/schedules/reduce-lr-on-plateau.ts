import { z } from 'zod';
import { defineSchedule, noMistake, rising, type Evaluated } from './schedule.js';

/**
 * torch.optim.lr_scheduler.ReduceLROnPlateau, asked after each evaluation as the Hugging Face Trainer does; whether more
 * is better follows from the metric. State: `best`, `bad` (evaluations in a row without improvement), `cooldown` (evaluations
 * that are not counted yet), `factor` (the rate, as a share of the peak).
 */
export const reduceLrOnPlateau = defineSchedule({
  summary: 'down by a factor whenever evaluations stop improving',
  fields: {
    factor: z.number().positive().lt(1).default(0.1).describe('on the rate, at a plateau'),
    patience: z.int().min(0).default(10).describe('evaluations without improvement that are let pass'),
    threshold: z.number().min(0).default(1e-4).describe('smaller improvements are none'),
    thresholdMode: z
      .enum(['rel', 'abs'])
      .default('rel')
      .describe('whether the threshold is a share of the best value'),
    cooldown: z.int().min(0).default(0).describe('evaluations after a reduction that are not counted'),
    minLr: z.number().min(0).default(0).describe('the rate is never reduced below'),
    eps: z.number().min(0).default(1e-8).describe('smaller reductions of the rate are left out'),
  },
  alsoCalled: ['plateau', 'reduce_on_plateau'],
  mistake: noMistake,
  factor: (at, _settings, state) => rising(at) ?? state.factor ?? 1,
  evaluated(state, found, settings) {
    const { best, factor = 1 }: { best?: number; factor?: number } = state;
    let { bad = 0, cooldown = 0 } = state;
    // As against torch's first best value, which is infinite: what is no number does not improve on it.
    const isBetter = Number.isFinite(found.metric) && (best === undefined || improves(found, best, settings));
    bad = isBetter ? 0 : bad + 1;
    if (cooldown > 0) {
      cooldown -= 1;
      bad = 0;
    }
    const known = isBetter ? found.metric : best;
    const next = { ...(known === undefined ? {} : { best: known }), bad, cooldown, factor };
    if (bad <= settings.patience) return next;
    const before = found.learningRate * factor;
    const after = Math.max(before * settings.factor, settings.minLr);
    const reduced = before - after > settings.eps ? after / found.learningRate : factor;
    return { ...next, bad: 0, cooldown: settings.cooldown, factor: reduced };
  },
});

function improves(
  { metric, greaterIsBetter }: Evaluated,
  best: number,
  { threshold, thresholdMode }: { threshold: number; thresholdMode: 'rel' | 'abs' },
): boolean {
  const sign = greaterIsBetter ? 1 : -1;
  const bound = thresholdMode === 'rel' ? best * (1 + sign * threshold) : best + sign * threshold;
  return greaterIsBetter ? metric > bound : metric < bound;
}
