import { Connection } from '@temporalio/client';
import { connectionRefusal, temporalSettings, type Environment } from '@temper/connection';
import { createS3Store, ensureBucket, s3ConfigFrom } from '@temper/s3';
import { probeConditionalWrites } from '@temper/storage';
import { registerSearchAttributes, TemperError } from '@temper/contracts';
import { portAnswers } from './health.js';

export type { Environment } from '@temper/connection';

/**
 * Checks the Temporal server that the environment names (see `temporalSettings`), and
 * registers Temper's search attributes there if they are missing.
 */
export async function probeTemporal(env: Environment): Promise<{ address: string; namespace: string }> {
  const { namespace, ...settings } = temporalSettings(env);
  const { address } = settings;
  // Without it the client goes on trying for its whole time-out where nothing listens.
  if (!(await portAnswers(address, 3_000))) {
    throw unavailable('TEMPORAL_ADDRESS', `no Temporal server answers at ${address}`);
  }
  const connection = await Connection.connect({ ...settings, connectTimeout: 5_000 }).catch(
    async (cause: unknown) => {
      throw await connectionRefusal(settings, cause);
    },
  );
  try {
    await connection.withDeadline(Date.now() + 10_000, async () => {
      await connection.workflowService.describeNamespace({ namespace }).catch((cause: unknown) => {
        const hint = `temporal operator namespace create --namespace ${namespace} --retention 30d`;
        throw unavailable('TEMPORAL_NAMESPACE', `no access to the namespace ${namespace}`, cause, hint);
      });
      await registerSearchAttributes(connection.operatorService, namespace);
    });
  } finally {
    await connection.close();
  }
  return { address, namespace };
}

/** Checks the store that the environment names; creates its bucket if there is none. */
export async function probeS3(env: Environment) {
  const config = s3ConfigFrom(env);
  const store = createS3Store(env);
  try {
    await ensureBucket(store);
    await probeConditionalWrites(store);
  } finally {
    store.close();
  }
  return { endpoint: config.endpoint!, bucket: config.bucket, region: config.region, ...config.credentials };
}

function unavailable(path: string, message: string, cause?: unknown, hint?: string): TemperError {
  const found = cause instanceof Error ? cause.message : undefined;
  const advice = hint ?? 'check the address, or unset it to use the embedded server';
  return new TemperError('SERVICE_UNAVAILABLE', { path, message, found, hint: advice }, { cause });
}
