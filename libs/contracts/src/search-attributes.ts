import { TemperError } from './errors.js';
import { searchAttributes } from './queues.js';

/** temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD */
const KEYWORD = 2;
/** grpc.status.UNIMPLEMENTED: the server that skips time lists none, and makes those that it is told. */
const UNIMPLEMENTED = 12;

/** Of the service of that name, whichever kind of connection it is reached by. */
export interface OperatorService {
  listSearchAttributes(request: {
    readonly namespace: string;
  }): Promise<{ readonly customAttributes?: Readonly<Record<string, unknown>> | null }>;
  addSearchAttributes(request: {
    readonly namespace: string;
    readonly searchAttributes: Record<string, number>;
  }): Promise<unknown>;
}

/**
 * The workflows set these attributes; on a namespace without them their tasks would fail again and again with a message
 * that only the server's operator sees. So those that are missing are made.
 * @throws TemperError SERVICE_UNAVAILABLE with the command that makes them, where they cannot be seen or made from here.
 */
export async function registerSearchAttributes(service: OperatorService, namespace: string): Promise<void> {
  const listed = await service.listSearchAttributes({ namespace }).catch((cause: unknown) => {
    if ((cause as { code?: number }).code === UNIMPLEMENTED) return undefined;
    throw notAllowed(namespace, [], cause);
  });
  const missing = searchAttributes.filter((name) => !listed?.customAttributes?.[name]);
  if (!missing.length) return;
  await service
    .addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
    })
    .catch((cause: unknown) => {
      throw notAllowed(namespace, missing, cause);
    });
}

function notAllowed(namespace: string, missing: readonly string[], cause: unknown): TemperError {
  const names = (missing.length ? missing : searchAttributes).map((name) => `--name ${name} --type Keyword`);
  return new TemperError(
    'SERVICE_UNAVAILABLE',
    {
      path: 'search attributes',
      message: missing.length
        ? `the namespace ${namespace} lacks ${missing.join(', ')}, and they cannot be made from here`
        : `it cannot be seen from here which the namespace ${namespace} has`,
      found: (cause as { details?: string }).details ?? (cause as Error).message,
      hint: `temporal operator search-attribute create --namespace ${namespace} ${names.join(' ')}; where they are there, a plugin with searchAttributes: 'assume' looks no further`,
    },
    { cause },
  );
}
