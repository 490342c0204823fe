import type {
  Approval,
  DataReport,
  ForkOrigin,
  RunResult,
  StageReport,
  TrainingChange,
} from '@temper/contracts';
import type { EvaluateOutput, IngestOutput, TrainOutput } from '@temper/spec';

/** What is known of a run so far. */
export interface Account {
  readonly runId: string;
  readonly forkedFrom: ForkOrigin | undefined;
  ingested?: IngestOutput;
  /** Of the rows, as training will see them. */
  data?: DataReport | undefined;
  trained?: TrainOutput;
  evaluated?: EvaluateOutput;
  changes: readonly TrainingChange[];
  approval?: Approval;
  /** Lines for people, under the stages. */
  readonly notes: string[];
}

/** What only the end of a run knows. */
export type Ending = Pick<RunResult, 'status'> &
  Pick<Partial<RunResult>, 'model' | 'error' | 'sameAs' | 'verdicts' | 'rebuilt' | 'artifacts'>;

/** The result that a run ends with, of what is known of it. */
export function resultOf(account: Account, stages: readonly StageReport[], ending: Ending): RunResult {
  const { runId, data, trained, approval, forkedFrom } = account;
  const { status, artifacts, ...rest } = ending;
  return {
    runId,
    status,
    ...verdictsOf(account),
    ...rest,
    ...inputsOf(account),
    metrics: metricsOf(account),
    stages: [...stages],
    ...(data ? { data } : {}),
    ...(trained ? whatWasTrained(trained) : {}),
    ...changesOf(account),
    ...(approval ? { approval } : {}),
    ...(forkedFrom ? { forkedFrom } : {}),
    ...notedOf(account),
    artifacts: { ...artifactsOf(account), ...artifacts },
  };
}

export const notedOf = ({ notes }: Account): Pick<RunResult, 'notes'> =>
  notes.length ? { notes: [...notes] } : {};

/** A training that ended early is judged by what it has. */
function verdictsOf({ evaluated, trained }: Account): Pick<RunResult, 'verdicts'> {
  const verdicts = evaluated?.verdicts ?? trained?.verdicts;
  return verdicts ? { verdicts } : {};
}

function inputsOf({ ingested }: Account): Pick<RunResult, 'dataset' | 'baseModel' | 'adapter' | 'spec'> {
  if (!ingested?.dataset) return {};
  const { dataset, baseModel, adapter, spec } = ingested;
  const start = adapter ? { adapter: adapter.digest } : {};
  return { dataset: dataset.digest, baseModel: baseModel.digest, ...start, spec };
}

const metricsOf = ({ trained, evaluated }: Account): RunResult['metrics'] => ({
  ...(trained?.validation ? { validation: trained.validation } : {}),
  ...(evaluated ? { test: evaluated.test, base: evaluated.base } : {}),
});

const artifactsOf = ({ trained, evaluated }: Account): RunResult['artifacts'] => ({
  ...(trained ? { metrics: trained.metricsUri } : {}),
  ...(evaluated?.rows ? { evaluation: evaluated.rows.uri } : {}),
});

const whatWasTrained = ({ checkpoint, steps, totalSteps, finished = true }: TrainOutput) => ({
  checkpoint,
  training: { steps, ...(totalSteps ? { totalSteps } : {}), finished },
});

/** Those that training applied, with their steps, and those that came too late for it. */
function changesOf({ changes, trained }: Account): Pick<RunResult, 'changes'> {
  if (!changes.length && !trained?.changes) return {};
  const applied = trained?.changes ?? [];
  const late = changes.filter(({ id }) => !applied.some((change) => change.id === id));
  return { changes: [...applied, ...late] };
}
