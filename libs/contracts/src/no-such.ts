/** grpc.status */
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;

/**
 * Of a call of Temporal's client that names a run or a schedule: there is none of that id, or the server takes it for no id at
 * all (empty, or too long). The SDK has errors of its own for the first, but not in every call.
 */
export function namesNothing(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) {
    if (e.name === 'WorkflowNotFoundError') return true;
    const { code, details } = e as { code?: unknown; details?: unknown };
    if (typeof details === 'string' && (code === NOT_FOUND || code === INVALID_ARGUMENT)) return true;
  }
  return false;
}
