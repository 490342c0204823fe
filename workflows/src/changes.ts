/**
 * Ids of changes to workflow code that a running execution must not see half-way (`patched(changes.…)`), each with
 * its date and reason. An id is never reused; it may go once no history that was made before it is left.
 */
export const changes = {} as const satisfies Readonly<Record<string, string>>;
