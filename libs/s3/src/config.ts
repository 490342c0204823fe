import { TemperError } from '@temper/contracts';

export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

const encryptions = ['AES256', 'aws:kms', 'aws:kms:dsse'] as const;

/** What the server shall encrypt objects with; without it, the bucket's own setting holds. */
export interface S3Encryption {
  readonly ServerSideEncryption: (typeof encryptions)[number];
  readonly SSEKMSKeyId?: string;
  /** One key of the key service for many objects: fewer requests to it. */
  readonly BucketKeyEnabled?: true;
}

/** Where the bucket is and who asks. Without keys the AWS SDK's own chain is used (profiles, instance roles, …). */
export interface S3Config {
  readonly bucket: string;
  readonly region: string;
  /** undefined: AWS itself. */
  readonly endpoint?: string | undefined;
  readonly credentials?: S3Keys | undefined;
  /** Of the AWS configuration files: whose keys, or which role. */
  readonly profile?: string | undefined;
  /** PEM file of certificate authorities besides those of Node. */
  readonly caFile?: string | undefined;
  /** The bucket in the path of addresses and not in their host; default where an endpoint is named. */
  readonly pathStyle?: boolean | undefined;
  readonly encryption?: S3Encryption | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where Temper stores: S3_ENDPOINT, S3_BUCKET (default temper), S3_REGION, S3_PATH_STYLE, S3_CA_FILE; who asks: S3_ACCESS_KEY_ID,
 * S3_SECRET_ACCESS_KEY, S3_SESSION_TOKEN, or S3_PROFILE. Without keys or a profile of its own the store is asked with those of
 * the AWS_* variables, but these never say where it is. How it keeps objects: S3_SSE, S3_SSE_KMS_KEY_ID, S3_SSE_BUCKET_KEY.
 * @throws TemperError STORE_REFUSED: what cannot be meant
 */
export function s3ConfigFrom(env: Environment): S3Config {
  const endpoint = env['S3_ENDPOINT'];
  if (endpoint && !URL.canParse(endpoint)) {
    throw refused('S3_ENDPOINT', 'not a URL', endpoint, 'such as http://127.0.0.1:9000');
  }
  const pathStyle = flagIn(env, 'S3_PATH_STYLE');
  const encryption = encryptionIn(env);
  return {
    bucket: env['S3_BUCKET'] || 'temper',
    region: env['S3_REGION'] || env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || 'us-east-1',
    ...(endpoint ? { endpoint } : {}),
    ...whoAsks(env),
    ...(env['S3_CA_FILE'] ? { caFile: env['S3_CA_FILE'] } : {}),
    ...(pathStyle === undefined ? {} : { pathStyle }),
    ...(encryption ? { encryption } : {}),
  };
}

function whoAsks(env: Environment): Pick<S3Config, 'credentials' | 'profile'> {
  const profile = env['S3_PROFILE'];
  // Temporary keys need their token, which the SDK's own chain reads.
  const others = profile || env['AWS_SESSION_TOKEN'] ? undefined : keysIn(env, 'AWS');
  const credentials = keysIn(env, 'S3') ?? others;
  return credentials ? { credentials } : profile ? { profile } : {};
}

function keysIn(env: Environment, prefix: 'S3' | 'AWS'): S3Keys | undefined {
  const accessKeyId = env[`${prefix}_ACCESS_KEY_ID`];
  const secretAccessKey = env[`${prefix}_SECRET_ACCESS_KEY`];
  const sessionToken = env[`${prefix}_SESSION_TOKEN`];
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

function flagIn(env: Environment, name: string): boolean | undefined {
  const value = env[name];
  if (!value) return undefined;
  if (value === 'true' || value === 'false') return value === 'true';
  throw refused(name, 'neither yes nor no', value, 'true, false');
}

function encryptionIn(env: Environment): S3Encryption | undefined {
  const { S3_SSE: given, S3_SSE_KMS_KEY_ID: key } = env;
  const bucketKey = flagIn(env, 'S3_SSE_BUCKET_KEY');
  const kind = encryptions.find((name) => name === given);
  if (given && !kind)
    throw refused('S3_SSE', 'no server-side encryption of S3', given, encryptions.join(', '));
  if (!kind?.startsWith('aws:kms') && (key || bucketKey)) {
    const path = key ? 'S3_SSE_KMS_KEY_ID' : 'S3_SSE_BUCKET_KEY';
    throw refused(
      path,
      'a key service is asked with S3_SSE=aws:kms alone',
      given || 'S3_SSE is not set',
      'aws:kms',
    );
  }
  if (!kind) return undefined;
  return {
    ServerSideEncryption: kind,
    ...(key ? { SSEKMSKeyId: key } : {}),
    ...(bucketKey ? { BucketKeyEnabled: true } : {}),
  };
}

const refused = (path: string, message: string, found: string, allowed: string) =>
  new TemperError('STORE_REFUSED', { path, message, found, allowed });

/**
 * The variables by which child processes and `createS3Store` find a store. Those of another place or another's keys in the
 * process's own environment hold no longer.
 */
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
