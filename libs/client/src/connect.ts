import { Client, Connection, type WorkflowClientInterceptor } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { TemperError } from '@temper/contracts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Milliseconds after which an address that does not answer is given up. */
const CONNECT_TIMEOUT = 5_000;

/**
 * Connects as every Temporal tool does: `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`,
 * `TEMPORAL_TLS_*`, `TEMPORAL_PROFILE` and the profile file. An address that is given wins over them.
 */
export async function connectTemporal(
  environment: Environment = process.env,
  address?: string,
  interceptors: readonly WorkflowClientInterceptor[] = [],
): Promise<{ client: Client; connection: Connection; address: string }> {
  const config = loadClientConnectConfig({ overrideEnvVars: defined(environment) });
  const { tls, metadata, apiKey } = config.connectionOptions as {
    tls?: boolean | object;
    metadata?: Record<string, string>;
    apiKey?: string;
  };
  const target = address ?? config.connectionOptions.address ?? '127.0.0.1:7233';
  const connection = await Connection.connect({
    address: target,
    connectTimeout: CONNECT_TIMEOUT,
    ...(tls === undefined ? {} : { tls }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(apiKey === undefined ? {} : { apiKey }),
  }).catch((cause: unknown) => {
    throw new TemperError(
      'SERVICE_UNAVAILABLE',
      {
        path: 'TEMPORAL_ADDRESS',
        message: 'no Temporal server answers here',
        found: target,
        hint: 'check the address, or unset it to use the embedded server',
      },
      { cause },
    );
  });
  return {
    client: new Client({
      connection,
      namespace: config.namespace ?? 'default',
      interceptors: { workflow: [...interceptors] },
    }),
    connection,
    address: target,
  };
}

const defined = (environment: Environment): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).filter((e): e is [string, string] => e[1] !== undefined));
