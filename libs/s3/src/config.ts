import { TemperError } from '@temper/contracts';

/** Where the bucket is and who asks. Without keys the AWS SDK's own chain is used (profiles, instance roles, …). */
export interface S3Config {
  readonly bucket: string;
  readonly region: string;
  /** undefined: AWS itself. */
  readonly endpoint?: string | undefined;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads S3_ENDPOINT, S3_BUCKET (default temper), S3_REGION and the AWS_* keys. */
export function s3ConfigFrom(env: Environment): S3Config {
  const {
    S3_ENDPOINT: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  } = env;
  if (endpoint && !URL.canParse(endpoint)) {
    throw new TemperError('STORE_REFUSED', {
      path: 'S3_ENDPOINT',
      message: 'not a URL',
      found: endpoint,
      allowed: 'such as http://127.0.0.1:9000',
    });
  }
  return {
    bucket: env['S3_BUCKET'] || 'temper',
    region: env['S3_REGION'] || env['AWS_REGION'] || 'us-east-1',
    ...(endpoint ? { endpoint } : {}),
    ...(accessKeyId && secretAccessKey && !env['AWS_SESSION_TOKEN']
      ? { credentials: { accessKeyId, secretAccessKey } }
      : {}),
  };
}
