import { TemperError } from '@temper/contracts';

export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Where the bucket is and who asks. Without keys the AWS SDK's own chain is used (profiles, instance roles, …). */
export interface S3Config {
  readonly bucket: string;
  readonly region: string;
  /** undefined: AWS itself. */
  readonly endpoint?: string | undefined;
  readonly credentials?: S3Keys | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where Temper stores: S3_ENDPOINT, S3_BUCKET (default temper), S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY. Without
 * keys of its own the store is asked with those of the AWS_* variables, but these never say where it is.
 */
export function s3ConfigFrom(env: Environment): S3Config {
  const endpoint = env['S3_ENDPOINT'];
  if (endpoint && !URL.canParse(endpoint)) {
    throw new TemperError('STORE_REFUSED', {
      path: 'S3_ENDPOINT',
      message: 'not a URL',
      found: endpoint,
      allowed: 'such as http://127.0.0.1:9000',
    });
  }
  const credentials = keysIn(env, 'S3') ?? (env['AWS_SESSION_TOKEN'] ? undefined : keysIn(env, 'AWS'));
  return {
    bucket: env['S3_BUCKET'] || 'temper',
    region: env['S3_REGION'] || env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || 'us-east-1',
    ...(endpoint ? { endpoint } : {}),
    ...(credentials ? { credentials } : {}),
  };
}

function keysIn(env: Environment, prefix: 'S3' | 'AWS'): S3Keys | undefined {
  const accessKeyId = env[`${prefix}_ACCESS_KEY_ID`];
  const secretAccessKey = env[`${prefix}_SECRET_ACCESS_KEY`];
  const sessionToken = env[`${prefix}_SESSION_TOKEN`];
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

/** The variables by which child processes and `createS3Store` find a store. */
export const s3Environment = (s3: Omit<S3Config, 'credentials'>, keys?: Partial<S3Keys>) => ({
  ...(s3.endpoint ? { S3_ENDPOINT: s3.endpoint } : {}),
  S3_BUCKET: s3.bucket,
  S3_REGION: s3.region,
  ...(keys?.accessKeyId && keys.secretAccessKey
    ? {
        S3_ACCESS_KEY_ID: keys.accessKeyId,
        S3_SECRET_ACCESS_KEY: keys.secretAccessKey,
        ...(keys.sessionToken ? { S3_SESSION_TOKEN: keys.sessionToken } : {}),
      }
    : {}),
});
