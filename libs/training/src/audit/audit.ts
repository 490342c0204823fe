import {
  engineWords,
  sameEngine,
  TemperError,
  type ArtifactManifest,
  type EngineIdentity,
  type ForkOrigin,
  type Machine,
} from '@temper/contracts';
import type { PipelineSpec } from '@temper/spec';
import { differenceOf } from './compare.js';
import { canBeCompared, gapsOf, type Gap } from './gaps.js';
import { isWhole, type KeptCheckpoint } from './kept.js';

export interface Audited {
  readonly step: number;
  /** The step that was trained from; 0 for the beginning, of a fork that of the other run. */
  readonly from: number;
  /** `unknown`: it cannot be told on this engine, or by what is kept. */
  readonly verdict: 'equal' | 'changed' | 'unknown';
  readonly weights?: string | undefined;
  readonly message?: string | undefined;
}

export interface Audit {
  readonly runId: string;
  readonly verdict: Audited['verdict'];
  readonly engine: EngineIdentity;
  readonly checkpoints: readonly Audited[];
  readonly gaps: readonly Gap[];
}

export interface AuditPorts {
  /** Of this machine, for the provider that trained. */
  readonly machine: Machine;
  /** What training from one checkpoint (or the beginning) to another comes to. */
  readonly retrain: (
    from: KeptCheckpoint | undefined,
    to: KeptCheckpoint & { readonly manifest: ArtifactManifest<'checkpoint'> },
  ) => Promise<ArtifactManifest<'checkpoint'>>;
  readonly said: (audited: Audited) => void;
}

/** The run that is audited. */
export interface AuditedRun {
  readonly runId: string;
  readonly spec: PipelineSpec;
  readonly fork?: ForkOrigin | undefined;
}

/**
 * Trains the run again from checkpoint to checkpoint and compares. Each interval begins at the last checkpoint that was found equal, so that a
 * changed one is named alone, and those behind it are still judged by what led to them.
 */
export async function auditRun(
  run: AuditedRun,
  kept: readonly KeptCheckpoint[],
  ports: AuditPorts,
): Promise<Audit> {
  const checkpoints: Audited[] = [];
  let from: KeptCheckpoint | undefined;
  for (const to of kept) {
    // What retention took is a gap: it is trained through.
    if (!canBeCompared(to) && to.damage === undefined) continue;
    const audited = {
      from: from?.entry.step ?? run.fork?.step ?? 0,
      step: to.entry.step,
      ...(await judged(from, to, ports)),
    };
    checkpoints.push(audited);
    ports.said(audited);
    if (audited.verdict !== 'changed' && isWhole(to)) from = to;
  }
  const threads = kept.find(({ manifest }) => manifest)?.manifest?.meta.threads ?? 0;
  return {
    runId: run.runId,
    verdict: worstOf(checkpoints),
    engine: { ...ports.machine, threads },
    checkpoints,
    gaps: gapsOf(kept, run.spec),
  };
}

type Judged = Omit<Audited, 'step' | 'from'>;

async function judged(
  from: KeptCheckpoint | undefined,
  to: KeptCheckpoint,
  { machine, retrain }: AuditPorts,
): Promise<Judged> {
  if (to.damage !== undefined) return { verdict: 'changed', message: to.damage };
  const manifest = to.manifest!;
  const weights = manifest.files.find(({ path }) => path === 'trainable.safetensors')?.digest;
  const why = untellable(manifest, machine);
  if (why !== undefined) return { ...unknown(why), weights };
  const made = await retrain(from, { ...to, manifest }).catch(goneOf);
  if (made instanceof TemperError)
    return { ...unknown(`what it was trained from: ${made.message}`), weights };
  const difference = differenceOf(manifest, made);
  return difference === undefined
    ? { verdict: 'equal', weights }
    : { verdict: 'changed', weights, message: difference };
}

const unknown = (message: string): Judged => ({ verdict: 'unknown', message });

/** The data, the base model or the run that was forked may be gone, or damaged. */
function goneOf(error: unknown): TemperError {
  if (error instanceof TemperError && (error.code === 'NOT_FOUND' || error.code === 'BLOB_CORRUPT'))
    return error;
  throw error;
}

/** Why nothing follows from training this interval here. */
function untellable({ meta }: ArtifactManifest<'checkpoint'>, machine: Machine): string | undefined {
  const { engine, threads } = meta;
  if (!engine) return 'which engine trained it was not recorded';
  const here = { ...machine, threads };
  return sameEngine(engine, here)
    ? undefined
    : `it was trained by ${engineWords(engine)}; here is ${engineWords(here)}`;
}

const worstOf = (checkpoints: readonly Audited[]): Audited['verdict'] =>
  checkpoints.length
    ? ((['changed', 'unknown'] as const).find((verdict) => checkpoints.some((c) => c.verdict === verdict)) ??
      'equal')
    : 'unknown';
