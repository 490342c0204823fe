import { NativeConnection } from '@temporalio/worker';
import { connectionRefusal, temporalSettings } from '@temper/connection';

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
  }).catch(async (cause: unknown) => {
    throw await connectionRefusal(settings, cause);
  });
  return { connection, namespace };
}
