import { NativeConnection } from '@temporalio/worker';
import { connectionRefusal, temporalSettings } from '@temper/connection';
import { searchAttributes, TemperError } from '@temper/contracts';

export interface TemporalConnection {
  readonly connection: NativeConnection;
  readonly namespace: string;
}

const loopback = /^(127\.[\d.]+|localhost|\[::1\]):/;

/** Connects as every Temporal tool does: `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS_*`, … */
export async function connect(): Promise<TemporalConnection> {
  const { namespace, ...settings } = temporalSettings(process.env);
  const connection = await NativeConnection.connect({
    ...settings,
    // To this machine itself, gzip costs more than it saves.
    ...(loopback.test(settings.address) ? { grpcCompression: { codec: 'none' as const } } : {}),
  }).catch((cause: unknown) => {
    throw connectionRefusal(settings, cause);
  });
  await registerSearchAttributes(connection, namespace);
  return { connection, namespace };
}

/** temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD */
const KEYWORD = 2;

/**
 * The workflow sets these attributes; on a namespace without them its tasks would fail again and again with a message
 * that only the server's operator sees. So they are made here, or the worker says what is missing.
 */
async function registerSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const { operatorService } = connection;
  const { customAttributes } = await operatorService
    .listSearchAttributes({ namespace })
    .catch(notAllowed([]));
  const missing = searchAttributes.filter((name) => !customAttributes?.[name]);
  if (!missing.length) return;
  const wanted = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
  await operatorService
    .addSearchAttributes({ namespace, searchAttributes: wanted })
    .catch(notAllowed(missing));
}

const notAllowed = (missing: readonly string[]) => (cause: unknown) => {
  throw new TemperError(
    'SERVICE_UNAVAILABLE',
    {
      path: 'search attributes',
      message: 'the namespace lacks them and they cannot be made from here',
      found: (cause as { details?: string }).details ?? (cause as Error).message,
      hint: (missing.length ? missing : searchAttributes)
        .map((name) => `temporal operator search-attribute create --name ${name} --type Keyword`)
        .join('; '),
    },
    { cause },
  );
};
