/** Raise it where the same model would be said to write other texts, or to write worse. */
export const GENERATION_CODE = 'generation/1';
