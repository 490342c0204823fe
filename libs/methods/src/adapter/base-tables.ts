import { TemperError } from '@temper/contracts';
import {
  readWeight,
  shownShape,
  toFloat32,
  type Adaptable,
  type BaseModel,
  type Tensor,
} from '@temper/models';
import { adapterName } from '../peft-names.js';
import { endsAs } from '../targets.js';
import { modulesToSaveOf } from './modules-to-save.js';
import { weightsFile, type Adapter } from './read-adapter.js';

/**
 * PEFT saves the base's table of tokens and its head of tokens along with an adapter that changes one of them, or where it is told to
 * (`save_embedding_layers`, peft.utils.save_and_load). Returns the adapter without them; with `base` they are compared with its own.
 * @throws TemperError SPEC_INVALID where they are others: the adapter is one of another base model
 */
export function withoutBaseTables(
  adapter: Adapter,
  model: Pick<Adaptable, 'modules' | 'tokens'>,
  base?: BaseModel,
): Adapter {
  const weights = new Map(adapter.weights);
  for (const [name, table] of tablesIn(adapter, model)) {
    const found = weights.get(name);
    if (!found) continue;
    if (!isTable(found, table, base)) throw otherTable(name, found, table.shape);
    weights.delete(name);
  }
  return { ...adapter, weights };
}

interface Table {
  /** The name of the base's weight. */
  readonly weight: string;
  readonly shape: readonly number[];
}

/** By the names that such a weight can have in the adapter: what is trained whole is the adapter's own. */
function* tablesIn(
  { config }: Adapter,
  { modules, tokens }: Pick<Adaptable, 'modules' | 'tokens'>,
): Generator<readonly [string, Table]> {
  const saved = modulesToSaveOf(config);
  for (const module of modules) {
    if (module !== tokens && !(module.type === 'linear' && module.givesTokens)) continue;
    const { name } = module;
    const table = {
      weight: `${(module.type === 'linear' ? module.tied : undefined) ?? name}.weight`,
      shape: module.type === 'linear' ? [module.outputs, module.inputs] : [tokens.rows, tokens.size],
    };
    yield [adapterName(`${name}.base_layer.weight`), table];
    if (!saved.some((end) => endsAs(name, end))) yield [adapterName(`${name}.weight`), table];
  }
}

/** Relative: an adapter in 16 bits has rounded them. */
const toleranceOf = (dtype: string) => (dtype === 'F32' ? 0 : dtype === 'F16' ? 2 ** -10 : 2 ** -7);

function isTable(found: Tensor, { weight, shape }: Table, base: BaseModel | undefined): boolean {
  if (shownShape(found.shape) !== shownShape(shape)) return false;
  if (!base) return true;
  const data = toFloat32(found.dtype, found.data);
  const own = readWeight({ ...base, frozen: undefined }, weight);
  const tolerance = toleranceOf(found.dtype);
  // What float16 has no digits for is near enough, too.
  const least = found.dtype === 'F16' ? 2 ** -24 : 0;
  return !!data && own.every((x, i) => Math.abs(data[i]! - x) <= Math.max(tolerance * Math.abs(x), least));
}

const otherTable = (name: string, { dtype, shape }: Tensor, allowed: readonly number[]) =>
  new TemperError('SPEC_INVALID', {
    path: `${weightsFile}: ${name}`,
    message: 'is saved along with the adapter, and is not the base model’s own',
    found: `${dtype} ${shownShape(shape)}`,
    allowed: `the base model’s weight, ${shownShape(allowed)}`,
    hint: 'was the table resized, or changed besides? merge the adapter (merge_and_unload) and take the whole model as model.base',
  });
