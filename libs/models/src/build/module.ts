/** What a parameter is: decides on weight decay, on what adapters can change, on what is a task's head. */
export type ParameterKind = 'kernel' | 'bias' | 'norm' | 'embedding' | 'head';

/** First values, made from the seed, of what a checkpoint may lack: a task's head. */
export type Initial =
  | { readonly kind: 'normal'; readonly deviation: number }
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' };

/** A weight that the architecture needs, under the name that transformers gives it. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: ParameterKind;
  /** The layer of the body that it belongs to, counted from 0. */
  readonly layer?: number | undefined;
  /** Of a classification head: the first dimension is the classes. */
  readonly perClass?: true | undefined;
  /** Of the module that PEFT calls the classifier: an adapter's training trains it whole, new or not. */
  readonly withClasses?: true | undefined;
  readonly initial?: Initial | undefined;
}

interface ModuleBase {
  readonly name: string;
  readonly layer?: number | undefined;
  /** Of what turns the body's rows into logits. */
  readonly inHead?: true | undefined;
}

/** y = xWᵀ + b, as PyTorch's nn.Linear; W is [outputs, inputs], or [inputs, outputs] as in transformers' Conv1D. */
export interface LinearModule extends ModuleBase {
  readonly type: 'linear';
  readonly outputs: number;
  readonly inputs: number;
  readonly bias: boolean;
  readonly layout: 'out-in' | 'in-out';
  /** The embedding module whose table is its weight. */
  readonly tied?: string | undefined;
  /**
   * Of a task's head, made where the files lack it. `per-class`: a row a class; `with-classes`: a further part of the module that
   * PEFT trains and saves whole with those rows; `shared`: whatever else.
   */
  readonly head?: 'per-class' | 'with-classes' | 'shared' | undefined;
  /** It gives the tokens' logits: what transformers calls the output embeddings. */
  readonly givesTokens?: true | undefined;
}

/** A table of rows that are looked up. */
export interface EmbeddingModule extends ModuleBase {
  readonly type: 'embedding';
  readonly rows: number;
  readonly size: number;
  /** `bias`: its rows are added to scores, and do not decay. */
  readonly kind?: 'bias' | undefined;
  /** What rows are multiplied by where they are looked up (Gemma); default 1. */
  readonly scale?: number | undefined;
  /** The row that learns nothing by being looked up: `padding_idx` of torch's Embedding. */
  readonly padding?: number | undefined;
}

/** `layer`: (x − mean)/σ · w + b; `rms`: x/rms · w. `unit` is added to w (Gemma keeps w − 1). */
export interface NormModule extends ModuleBase {
  readonly type: 'norm';
  readonly form: 'layer' | 'rms';
  readonly size: number;
  readonly bias: boolean;
  readonly epsilon: number;
  readonly unit?: 1 | undefined;
  /** False: it has neither w nor b. */
  readonly affine?: boolean | undefined;
  /** Of a task's head, made where the files lack it. */
  readonly head?: 'shared' | undefined;
}

/** A weight that is no module's: named as it is in the files. */
export interface BareParameter extends ModuleBase {
  readonly type: 'parameter';
  readonly shape: readonly number[];
  readonly kind: ParameterKind;
  readonly initial?: Initial | undefined;
}

export type Module = LinearModule | EmbeddingModule | NormModule | BareParameter;

export const linear = (
  name: string,
  outputs: number,
  inputs: number,
  options: Partial<Pick<LinearModule, 'bias' | 'layout' | 'tied' | 'head' | 'givesTokens'>> = {},
): LinearModule => ({ type: 'linear', name, outputs, inputs, bias: false, layout: 'out-in', ...options });

export const embedding = (
  name: string,
  rows: number,
  size: number,
  options: Partial<Pick<EmbeddingModule, 'kind' | 'scale' | 'padding'>> = {},
): EmbeddingModule => ({ type: 'embedding', name, rows, size, ...options });

export const layerNorm = (
  name: string,
  size: number,
  epsilon: number,
  options: Partial<Pick<NormModule, 'bias' | 'head' | 'affine'>> = {},
): NormModule => ({ type: 'norm', form: 'layer', name, size, epsilon, bias: true, ...options });

export const rmsNorm = (name: string, size: number, epsilon: number, unit?: 1): NormModule => ({
  type: 'norm',
  form: 'rms',
  name,
  size,
  epsilon,
  bias: false,
  unit,
});

export const bareParameter = (
  name: string,
  shape: readonly number[],
  kind: ParameterKind,
  initial?: Initial,
): BareParameter => ({ type: 'parameter', name, shape, kind, initial });

/** Of its weight, as the files have it. */
export const kernelShape = ({ outputs, inputs, layout }: LinearModule): readonly [number, number] =>
  layout === 'out-in' ? [outputs, inputs] : [inputs, outputs];

/** Whether adapters leave it alone, because it is trained whole with the classes (PEFT's modules_to_save). */
export const isTrainedWhole = (module: Module): boolean =>
  module.type === 'linear' && (module.head === 'per-class' || module.head === 'with-classes');

/** The modules of layers 0 … count − 1, each of which knows its layer. */
export const layersOf = (count: number, modules: (layer: number) => readonly Module[]): Module[] =>
  Array.from({ length: count }, (_, layer) => modules(layer).map((module) => ({ ...module, layer }))).flat();

/** The weights of modules, in the order of the modules. */
export const parametersOf = (modules: readonly Module[]): Parameter[] => modules.flatMap(parametersOfModule);

function parametersOfModule(module: Module): Parameter[] {
  const { name, layer } = module;
  if (module.type === 'parameter') {
    const { shape, kind, initial } = module;
    return [{ name, layer, shape, kind, initial }];
  }
  if (module.type === 'embedding') {
    return [
      { name: `${name}.weight`, layer, shape: [module.rows, module.size], kind: module.kind ?? 'embedding' },
    ];
  }
  if (module.type === 'norm') {
    if (module.affine === false) return [];
    const shape = [module.size];
    const initial = module.head && ({ kind: 'ones' } as const);
    const weight: Parameter = { name: `${name}.weight`, layer, shape, kind: 'norm', initial };
    const offset = { ...weight, name: `${name}.bias`, initial: initial && ({ kind: 'zeros' } as const) };
    return module.bias ? [weight, offset] : [weight];
  }
  return parametersOfLinear(module);
}

/** A head's first values are transformers': config.initializer_range is 0.02 in every published BERT. */
function parametersOfLinear(module: LinearModule): Parameter[] {
  const { name, layer, outputs, bias, tied, head } = module;
  const perClass = head === 'per-class' ? true : undefined;
  const withClasses = head === 'with-classes' ? true : undefined;
  const kernel: Parameter = {
    name: `${name}.weight`,
    layer,
    shape: kernelShape(module),
    kind: module.inHead ? 'head' : 'kernel',
    perClass,
    withClasses,
    initial: head && { kind: 'normal', deviation: 0.02 },
  };
  const offset: Parameter = {
    name: `${name}.bias`,
    layer,
    shape: [outputs],
    kind: 'bias',
    perClass,
    withClasses,
    initial: head && { kind: 'zeros' },
  };
  return [...(tied === undefined ? [kernel] : []), ...(bias ? [offset] : [])];
}
