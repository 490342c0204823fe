/** `unknown`: the server went out of reach, so how it ended cannot be said. */
export const exitCodes = { done: 0, failed: 1, usage: 2, unknown: 3 } as const;
