import type { HeadKind, ProblemType } from '@temper/contracts';

/** What a kind of head means for files, in every family. */
interface HeadFacts {
  /** It has a row a class. */
  readonly perClass: boolean;
  /** What transformers calls the last layer of those that have several, under the module that PEFT saves. */
  readonly lastLayers: readonly string[];
  /** What config.json says its labels are (`problem_type`), where nothing else is said; transformers does not ask of other heads. */
  readonly problemType: ProblemType | undefined;
  /** Its model writes texts: generation_config.json goes with it. */
  readonly generates: boolean;
  /** It is one vector of all rows of a text. */
  readonly isPooled: boolean;
  /** It is asked of two texts, whose tokens have types. */
  readonly readsPairs: boolean;
  /** transformers' class is the body alone (AutoModel). */
  readonly isBody: boolean;
  /** PEFT's TaskType, and the modules that PEFT trains whole for it wherever they are (peft.peft_model). */
  readonly peft: { readonly taskType: string | null; readonly modulesToSave: readonly string[] };
}

/** A kind of head without an entry is a type error. */
export const headFacts: { readonly [H in HeadKind]: HeadFacts } = {
  'sequence-classification': {
    perClass: true,
    lastLayers: ['out_proj'],
    problemType: 'single_label_classification',
    generates: false,
    isPooled: false,
    readsPairs: false,
    isBody: false,
    peft: { taskType: 'SEQ_CLS', modulesToSave: ['classifier', 'score'] },
  },
  'token-classification': {
    perClass: true,
    lastLayers: ['out_proj'],
    problemType: undefined,
    generates: false,
    isPooled: false,
    readsPairs: false,
    isBody: false,
    peft: { taskType: 'TOKEN_CLS', modulesToSave: ['classifier', 'score'] },
  },
  // PEFT has no name for it.
  'masked-lm': {
    perClass: false,
    lastLayers: [],
    problemType: undefined,
    generates: false,
    isPooled: false,
    readsPairs: false,
    isBody: false,
    peft: { taskType: null, modulesToSave: [] },
  },
  embedding: {
    perClass: false,
    lastLayers: [],
    problemType: undefined,
    generates: false,
    isPooled: true,
    readsPairs: false,
    isBody: true,
    peft: { taskType: 'FEATURE_EXTRACTION', modulesToSave: [] },
  },
  'question-answering': {
    perClass: true,
    lastLayers: [],
    problemType: undefined,
    generates: false,
    isPooled: false,
    readsPairs: true,
    isBody: false,
    peft: { taskType: 'QUESTION_ANS', modulesToSave: ['qa_outputs'] },
  },
  'causal-lm': {
    perClass: false,
    lastLayers: [],
    problemType: undefined,
    generates: true,
    isPooled: false,
    readsPairs: false,
    isBody: false,
    peft: { taskType: 'CAUSAL_LM', modulesToSave: [] },
  },
};
