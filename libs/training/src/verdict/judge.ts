import { verdictNames, type Verdict, type VerdictName } from '@temper/contracts';
import { collapsed } from './collapsed.js';
import { diverging } from './diverging.js';
import { intervalIn, leakedRows, measuredOn, numberIn, shown, type Evidence, type Rule } from './evidence.js';
import { overfit } from './overfit.js';
import { thresholds } from './thresholds.js';
import { tooLittleData } from './too-little-data.js';
import { underfit } from './underfit.js';
import { worseThanBase } from './worse-than-base.js';

const rules: Readonly<Record<Exclude<VerdictName, 'fine'>, Rule>> = {
  collapsed,
  'worse-than-base': worseThanBase,
  diverging,
  overfit,
  underfit,
  'too-little-data': tooLittleData,
};

/** Every verdict that holds, the worst first; `fine` alone where none does. `gate: none` refuses nothing. */
export function judge(evidence: Evidence): Verdict[] {
  const refusing = evidence.spec.evaluation.gate !== 'none';
  const found = verdictNames.flatMap((name): Verdict[] => {
    const speaks = name === 'fine' ? undefined : rules[name](evidence);
    if (!speaks) return [];
    const { refuses, ...told } = speaks;
    return [{ name, ...told, ...(refuses && refusing ? { refuses } : {}) }];
  });
  return found.length ? found : [{ name: 'fine', evidence: quality(evidence) }];
}

/** `f1 0.9644 on 591 test rows (0.9470 to 0.9780, 95%), the base model has 0.3808` */
function quality(evidence: Evidence): string {
  const { comparison, spec } = evidence;
  const { split, metrics } = measuredOn(evidence);
  const metric = comparison?.metric ?? spec.training.metricForBestModel;
  const value = numberIn(metrics, metric);
  const rows = numberIn(metrics, 'examples') ?? evidence.examples[split];
  const interval = intervalIn(metrics, metric);
  const between = interval ? ` (${interval.map(shown).join(' to ')}, 95%)` : '';
  const leaked = split === 'test' ? leakedRows(evidence) : 0;
  const known =
    leaked >= thresholds.leaked * (rows ?? 0) && leaked > 0
      ? `; ${leaked} of these rows are in train too`
      : '';
  const before = comparison ? `, the base model has ${shown(comparison.base)}` : '';
  return `${metric} ${value === undefined ? '–' : shown(value)} on ${rows ?? 'the'} ${split} rows${between}${before}${known}`;
}
