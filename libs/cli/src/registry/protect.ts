import { boundWords, metricCalled, nearest, reportedMetrics, type Bounds } from '@temper/contracts';
import type { Protection } from '@temper/storage';
import { usageError } from '../failure.js';
import { openSession } from '../services/session.js';
import { pc } from '../style.js';
import type { Terminal } from '../terminal.js';

interface ProtectSettings {
  readonly alias: string;
  readonly approval?: boolean;
  /** `f1=0.8` each */
  readonly min: readonly string[];
  readonly max: readonly string[];
  readonly off?: boolean;
}

export async function protectAlias(
  terminal: Terminal,
  name: string,
  { alias, approval = false, min, max, off = false }: ProtectSettings,
): Promise<void> {
  const gate = gateOf(min, max);
  const isAsked = approval || Object.keys(gate).length > 0;
  if (off && isAsked) throw usageError('--off', 'takes away what the other options ask for');
  await using session = await openSession(terminal);
  const { models } = session.client;
  if (!off && !isAsked) {
    const protection = (await models.protections(name))[alias];
    if (!protection) await models.get(name);
    return terminal.answer({ name, alias, protection }, () =>
      terminal.say(`${name}@${alias}: ${inWords(protection)}`),
    );
  }
  const protection = await models.protect(name, alias, off ? undefined : { approval, gate });
  terminal.answer({ name, alias, protection }, () =>
    terminal.say(`${pc.green('✔')} ${name}@${alias}: ${inWords(protection)}`),
  );
}

function inWords(protection: Protection | undefined): string {
  if (!protection) return 'every version may take it';
  const { approval, gate, by, at } = protection;
  const asked = [
    ...(approval ? ['an approval'] : []),
    ...Object.entries(gate).map(([metric, bound]) => `${metric} ${boundWords(bound)}`),
  ];
  return `a version must have ${asked.join(', ')} (by ${by}, ${at})`;
}

function gateOf(min: readonly string[], max: readonly string[]): Bounds {
  const gate: Record<string, { min?: number; max?: number }> = {};
  for (const [option, texts] of [['min', min] as const, ['max', max] as const])
    for (const text of texts) {
      const { metric, value } = boundOf(`--${option}`, text);
      gate[metric] = { ...gate[metric], [option]: value };
    }
  return gate;
}

function boundOf(option: string, text: string): { readonly metric: string; readonly value: number } {
  const [metric = '', written = ''] = text.split('=');
  const value = written.trim() === '' ? NaN : Number(written);
  if (!Number.isFinite(value)) {
    throw usageError(option, 'not a bound of a metric', {
      found: text,
      allowed: 'METRIC=NUMBER, e.g. f1=0.8',
    });
  }
  if (reportedMetrics.some((name) => name === metric)) return { metric, value };
  const near = metricCalled(metric) ?? nearest(metric, reportedMetrics);
  throw usageError(option, 'no metric of this name', {
    found: metric,
    allowed: reportedMetrics.join(', '),
    ...(near ? { hint: `did you mean ${near}?` } : {}),
  });
}

export async function approveModel(
  terminal: Terminal,
  reference: string,
  comment: string | undefined,
): Promise<void> {
  await using session = await openSession(terminal);
  const approved = await session.client.models.approve(reference, comment === undefined ? {} : { comment });
  const { name, version, by, at, comment: said } = approved;
  terminal.answer(approved, () =>
    terminal.say(
      `${pc.green('✔')} ${name}:${version} is approved by ${by}, ${at}${said === undefined ? '' : `: ${said}`}`,
    ),
  );
}
