import { isStep, TemperError, type ArtifactRef, type CheckpointMeta, type Digest } from '@temper/contracts';
import { readSafetensors, writeSafetensors, type TensorSource } from '@temper/models';
import { checkpointKey, Pointer, RunStore, type ArtifactStore } from '@temper/storage';
import type { DamagedCheckpoint } from './job.js';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readOptimizerState } from './optimizer/read-state.js';
import type { OptimizerState } from './optimizer/state.js';
import type { ParameterStore } from './parameters.js';
import { evaluationAt, type TrainingState } from './state.js';

/** The best checkpoint of a run may be the very one that says so; a manifest cannot hold its own digest. */
export const THIS_CHECKPOINT = 'this';

interface Place {
  readonly step: number;
  readonly ref: ArtifactRef<'checkpoint'>;
}

/** Value of `refs/runs/RUNID/checkpoint`. `attempt` rises with every process that takes the run over. */
export interface CheckpointPointer {
  readonly attempt: number;
  readonly step: number;
  /** Undefined before the first checkpoint. */
  readonly ref?: ArtifactRef<'checkpoint'> | undefined;
  /** The how-manieth training of the run this is of; absent: 0. */
  readonly training?: number | undefined;
  /** The checkpoints before it, newest first: for the case that the store damages the newest. */
  readonly previous?: readonly Place[] | undefined;
  /** Found damaged. */
  readonly damaged?: readonly DamagedCheckpoint[] | undefined;
}

/** How many checkpoints before the newest are remembered. */
const PREVIOUS = 3;

export type CheckpointSettings = Pick<
  CheckpointMeta,
  'seed' | 'threads' | 'provider' | 'inputs' | 'metricForBestModel'
>;

/** What a checkpoint keeps: the trained parameters, and what the optimizer remembers of each. */
export interface Trained {
  readonly store: ParameterStore;
  readonly optimizer: OptimizerState;
}

const files = {
  trainable: 'trainable.safetensors',
  optimizer: 'optimizer.safetensors',
  metrics: 'metrics.jsonl',
};

/** The checkpoints of one run, as one attempt sees them. */
export class Checkpoints {
  private readonly pointer: Pointer<CheckpointPointer>;
  private readonly runs: RunStore;
  private readonly training: number;
  /** Raised by `claim`, above every attempt before it. */
  attempt: number;
  /** Of this run, found by this attempt or by one before it. */
  damaged: readonly DamagedCheckpoint[] = [];

  constructor(
    private readonly artifacts: ArtifactStore,
    private readonly options: {
      readonly runId: string;
      readonly attempt: number;
      readonly folder: string;
      readonly training?: number | undefined;
    },
  ) {
    this.pointer = new Pointer(artifacts.store, checkpointKey(options.runId));
    this.runs = new RunStore(artifacts.store);
    this.training = options.training ?? 0;
    this.attempt = options.attempt;
  }

  /**
   * Takes the run over: answers its newest checkpoint that is whole, which no attempt that began earlier can move from
   * now on; undefined where there is none. A training that is to begin anew leaves the checkpoints of the one before it,
   * which cannot take the run back either.
   */
  async claim(): Promise<ArtifactRef<'checkpoint'> | undefined> {
    const { training } = this;
    let claimed = await this.pointer.update((current) => {
      if (current && (current.training ?? 0) > training) return undefined;
      this.attempt = Math.max(this.options.attempt, (current?.attempt ?? 0) + 1);
      const isOurs = current && (current.training ?? 0) === training;
      const kept = isOurs ? current : { step: 0, ...this.numbered() };
      return { ...kept, attempt: this.attempt };
    });
    if (claimed && (claimed.training ?? 0) > training) throw this.takenOver(claimed);
    while (claimed?.ref) {
      this.damaged = claimed.damaged ?? [];
      if (isDamaged(claimed)) return undefined;
      const message = await this.damageOf(claimed.ref);
      if (message === undefined) return claimed.ref;
      claimed = await this.stepBack(message);
    }
    return undefined;
  }

  private numbered = () => (this.training ? { training: this.training } : {});

  /** What is wrong with a checkpoint; all of it is read (and stays in this machine's cache of blobs). */
  private async damageOf(ref: ArtifactRef<'checkpoint'>): Promise<string | undefined> {
    try {
      await inFolder(this.options.folder, (folder) => this.artifacts.materialize(ref, folder));
      return undefined;
    } catch (error) {
      const isDamage =
        error instanceof TemperError && (error.code === 'BLOB_CORRUPT' || error.code === 'NOT_FOUND');
      if (!isDamage) throw error;
      return error.message;
    }
  }

  /** To the checkpoint before; without one the pointer stays, at what is noted as damaged, until the next checkpoint. */
  private async stepBack(message: string): Promise<CheckpointPointer | undefined> {
    return this.move((current) => {
      const {
        step,
        ref,
        previous: [before, ...previous] = [],
        damaged = [],
      } = current as Place & CheckpointPointer;
      const found: DamagedCheckpoint = { step, ref, resumedFrom: before?.step ?? 0, message };
      return { ...(before ?? { step, ref }), previous, damaged: [...damaged, found] };
    });
  }

  /** Blobs, then the manifest, then the pointer: who reads the pointer finds a whole checkpoint. */
  async save(
    trained: Trained,
    state: TrainingState,
    settings: CheckpointSettings,
  ): Promise<ArtifactRef<'checkpoint'>> {
    return inFolder(this.options.folder, async (folder) => {
      const paths = await writeFiles(folder, trained, state);
      const ref = await this.artifacts.putArtifact('checkpoint', paths, metaOf(state, settings), {
        rewrite: this.damaged.length > 0,
      });
      await this.move((current) => ({
        step: state.step,
        ref,
        previous: previousOf(current, ref),
        damaged: withMended(current?.damaged, ref),
      }));
      await this.enlist(state, ref);
      return ref;
    });
  }

  /** Adds a checkpoint to the run's list; it is there already unless the attempt that wrote it died in between. */
  async enlist(state: TrainingState, checkpoint: ArtifactRef<'checkpoint'>): Promise<void> {
    const evaluation = evaluationAt(state, state.step);
    const loss = state.lines.findLast(isStep)?.loss;
    const entry = {
      ...{ step: state.step, checkpoint, training: this.training },
      ...(loss === undefined ? {} : { loss }),
      ...(evaluation ? { evaluation: numbersOf(evaluation) } : {}),
      ...(state.changes.length ? { changes: state.changes } : {}),
    };
    await this.runs.putCheckpoint(this.options.runId, entry, this.attempt);
  }

  bestRef(best: NonNullable<CheckpointMeta['best']>): ArtifactRef<'checkpoint'> {
    return this.artifacts.ref('checkpoint', best.digest as Digest);
  }

  /** Moves the pointer, unless a newer attempt holds it. */
  private async move(
    change: (current: CheckpointPointer | undefined) => Omit<CheckpointPointer, 'attempt'>,
  ): Promise<CheckpointPointer | undefined> {
    const inForce = await this.pointer.update((current) =>
      current && current.attempt > this.attempt
        ? undefined
        : { ...change(current), ...this.numbered(), attempt: this.attempt },
    );
    if (inForce && inForce.attempt > this.attempt) throw this.takenOver(inForce);
    return inForce;
  }

  private takenOver({ attempt, training = 0 }: CheckpointPointer): TemperError {
    const newer = training > this.training ? `training ${training}, ` : '';
    return new TemperError('STORE_CONFLICT', {
      path: this.pointer.key,
      message: 'a newer attempt has taken over this run',
      found: `${newer}attempt ${attempt}`,
      allowed: `attempt ${this.attempt}`,
    });
  }
}

const isDamaged = ({ ref, damaged = [] }: CheckpointPointer): boolean =>
  damaged.some((found) => !found.mended && found.ref.digest === ref?.digest);

/** What is written again under the same address is whole again. */
const withMended = (damaged: CheckpointPointer['damaged'], written: Place['ref']) =>
  damaged?.map((found) => (found.ref.digest === written.digest ? { ...found, mended: true } : found));

/** An equal checkpoint may be written twice (an answer was lost): it is remembered once. */
function previousOf(current: CheckpointPointer | undefined, next: Place['ref']): Place[] {
  if (!current) return [];
  const { step, ref, previous = [] } = current;
  return [...(!ref || isDamaged(current) ? [] : [{ step, ref }]), ...previous]
    .filter((place) => place.ref.digest !== next.digest)
    .slice(0, PREVIOUS);
}

function metaOf(state: TrainingState, settings: CheckpointSettings): CheckpointMeta {
  const evaluation = evaluationAt(state, state.step);
  return {
    step: state.step,
    cursor: state.cursor,
    ...settings,
    tokens: state.tokens,
    withoutImprovement: state.withoutImprovement,
    ...(evaluation ? { evaluation: numbersOf(evaluation) } : {}),
    ...(state.best ? { best: state.best } : {}),
    ...(Object.keys(state.schedule).length ? { schedule: state.schedule } : {}),
    ...(state.changes.length ? { changes: state.changes } : {}),
  };
}

const numbersOf = (metrics: Readonly<Record<string, unknown>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(metrics).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );

/** From views of the flat arrays straight to the disk: a large state is never in memory twice. */
async function writeFiles(folder: string, { store, optimizer }: Trained, state: TrainingState) {
  const path = (name: string) => join(folder, name);
  const values = Object.entries(store.views(store.values)).map(
    ([name, { dims, data }]): [string, TensorSource] => [name, { dtype: 'F32', shape: dims, data }],
  );
  await writeSafetensors(path(files.trainable), new Map(values));
  const remembered = optimizer.tensors().map((tensor) => [tensor.name, tensor] as const);
  await writeSafetensors(path(files.optimizer), new Map<string, TensorSource>(remembered));
  await writeFile(path(files.metrics), state.lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return Object.fromEntries(Object.values(files).map((name) => [name, path(name)]));
}

/** Puts a checkpoint's weights into the store; for evaluation and publishing. */
export async function loadWeights(
  artifacts: ArtifactStore,
  ref: ArtifactRef<'checkpoint'>,
  store: ParameterStore,
  scratch: string,
): Promise<void> {
  await inFolder(scratch, async (folder) => {
    await artifacts.materialize(ref, folder, [files.trainable]);
    await readInto(join(folder, files.trainable), store);
  });
}

/** Puts everything back as it was after the checkpoint's step. */
export async function loadState(
  artifacts: ArtifactStore,
  ref: ArtifactRef<'checkpoint'>,
  { store, optimizer }: Trained,
  scratch: string,
): Promise<TrainingState> {
  const { meta } = await artifacts.manifest(ref);
  return inFolder(scratch, async (folder) => {
    await artifacts.materialize(ref, folder);
    const path = (name: string) => join(folder, name);
    await readInto(path(files.trainable), store);
    await readOptimizerState(path(files.optimizer), optimizer);
    const log = await readFile(path(files.metrics), 'utf8');
    const lines = log.split('\n').filter(Boolean);
    return {
      step: meta.step,
      cursor: meta.cursor,
      tokens: meta.tokens,
      best: meta.best && {
        ...meta.best,
        digest: meta.best.digest === THIS_CHECKPOINT ? ref.digest : meta.best.digest,
      },
      withoutImprovement: meta.withoutImprovement,
      schedule: meta.schedule ?? {},
      changes: meta.changes ?? [],
      lines: lines.map((line) => JSON.parse(line) as TrainingState['lines'][number]),
    };
  });
}

async function readInto(file: string, store: ParameterStore) {
  const tensors = await readSafetensors(file, store.names);
  for (const name of store.names) {
    store.view(store.values, name).data.set(tensors.get(name)!.data as Float32Array);
  }
}

async function inFolder<T>(parent: string, use: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'checkpoint-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
