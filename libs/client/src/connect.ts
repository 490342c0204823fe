import { Client, Connection, type WorkflowClientInterceptor } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { dataConverterFrom } from '@temper/codec';
import { connectionRefusal, temporalSettings, type Environment } from '@temper/connection';

export type { Environment } from '@temper/connection';

/** Milliseconds after which an address that does not answer is given up. */
const CONNECT_TIMEOUT = 5_000;

/**
 * Connects as every Temporal tool does (see `temporalSettings`). An address that is given wins over the environment's. What
 * the server stores is encrypted with the keys of `TEMPER_PAYLOAD_KEYS`, or goes through the converter that is given.
 */
export async function connectTemporal(
  environment: Environment = process.env,
  address?: string,
  interceptors: readonly WorkflowClientInterceptor[] = [],
  dataConverter: DataConverter = dataConverterFrom(environment),
): Promise<{ client: Client; connection: Connection; address: string }> {
  const { namespace, ...found } = temporalSettings(environment);
  const settings = { ...found, ...(address === undefined ? {} : { address }) };
  const connection = await Connection.connect({ ...settings, connectTimeout: CONNECT_TIMEOUT }).catch(
    async (cause: unknown) => {
      throw await connectionRefusal(settings, cause);
    },
  );
  return {
    client: new Client({
      connection,
      namespace,
      interceptors: { workflow: [...interceptors] },
      dataConverter,
    }),
    connection,
    address: settings.address,
  };
}
