import type { HeadKind } from '@temper/contracts';

/** What a kind of head means for files, in every family. */
interface HeadFacts {
  /** It has a row a class. */
  readonly perClass: boolean;
  /** Its model writes texts: generation_config.json goes with it. */
  readonly generates: boolean;
  /** It is one vector of all rows of a text. */
  readonly isPooled: boolean;
  /** PEFT's TaskType, and the modules that PEFT trains whole for it wherever they are (peft.peft_model). */
  readonly peft: { readonly taskType: string | null; readonly modulesToSave: readonly string[] };
}

/** A kind of head without an entry is a type error. */
export const headFacts: { readonly [H in HeadKind]: HeadFacts } = {
  'sequence-classification': {
    perClass: true,
    generates: false,
    isPooled: false,
    peft: { taskType: 'SEQ_CLS', modulesToSave: ['classifier', 'score'] },
  },
  'token-classification': {
    perClass: true,
    generates: false,
    isPooled: false,
    peft: { taskType: 'TOKEN_CLS', modulesToSave: ['classifier', 'score'] },
  },
  // PEFT has no name for it.
  'masked-lm': {
    perClass: false,
    generates: false,
    isPooled: false,
    peft: { taskType: null, modulesToSave: [] },
  },
  embedding: {
    perClass: false,
    generates: false,
    isPooled: true,
    peft: { taskType: 'FEATURE_EXTRACTION', modulesToSave: [] },
  },
  'causal-lm': {
    perClass: false,
    generates: true,
    isPooled: false,
    peft: { taskType: 'CAUSAL_LM', modulesToSave: [] },
  },
};
