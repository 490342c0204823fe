import { NativeConnection, type WorkerOptions } from '@temporalio/worker';
import { searchAttributes, TemperError } from '@temper/contracts';

/** temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD */
const KEYWORD = 2;

/**
 * The workflows set these attributes; on a namespace without them their tasks would fail again and again with a message
 * that only the server's operator sees. So they are made here, or the worker says what is missing.
 * @throws TemperError SERVICE_UNAVAILABLE with the commands that make those that are missing.
 */
export async function registerSearchAttributes({
  connection: given,
  namespace = 'default',
}: Pick<WorkerOptions, 'connection' | 'namespace'>): Promise<void> {
  // As the SDK connects a worker that is given no connection.
  const connection = given ?? (await NativeConnection.connect());
  try {
    const { operatorService } = connection;
    const { customAttributes } = await operatorService
      .listSearchAttributes({ namespace })
      .catch(notAllowed(namespace, []));
    const missing = searchAttributes.filter((name) => !customAttributes?.[name]);
    if (!missing.length) return;
    const wanted = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
    await operatorService
      .addSearchAttributes({ namespace, searchAttributes: wanted })
      .catch(notAllowed(namespace, missing));
  } finally {
    if (!given) await connection.close();
  }
}

const notAllowed = (namespace: string, missing: readonly string[]) => (cause: unknown) => {
  const names = (missing.length ? missing : searchAttributes).map((name) => `--name ${name} --type Keyword`);
  throw new TemperError(
    'SERVICE_UNAVAILABLE',
    {
      path: 'search attributes',
      message: missing.length
        ? `the namespace ${namespace} lacks ${missing.join(', ')}, and they cannot be made from here`
        : `it cannot be seen from here which the namespace ${namespace} has`,
      found: (cause as { details?: string }).details ?? (cause as Error).message,
      hint: `temporal operator search-attribute create --namespace ${namespace} ${names.join(' ')}; where they are there, searchAttributes: 'assume' of the plugin looks no further`,
    },
    { cause },
  );
};
