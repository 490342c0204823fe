import { S3Client } from '@aws-sdk/client-s3';
import { BoundedAnswers } from './bounded-answers.js';
import type { S3Config } from './config.js';

/** A client of the SDK; `checksums` is asked before each request. */
export function s3Client(config: S3Config, checksums: () => boolean): S3Client {
  // Node 20 is supported here on purpose; the SDK's notice would appear among the command line's own output.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  return new S3Client({
    region: config.region,
    // Virtual-hosted buckets need DNS, which self-hosted stores seldom have.
    ...(config.endpoint
      ? { endpoint: config.endpoint, forcePathStyle: true }
      : { followRegionRedirects: true }),
    // What the environment says of AWS is for sources; where it holds for one, it is in `config`.
    ignoreConfiguredEndpointUrls: true,
    ...(config.credentials ? { credentials: config.credentials } : {}),
    requestChecksumCalculation: () => Promise.resolve(checksums() ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED'),
    maxAttempts: 4,
    retryMode: 'standard',
    requestHandler: new BoundedAnswers({
      connectionTimeout: 3_000,
      // Of silence on an open connection.
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: 64 },
      httpsAgent: { keepAlive: true, maxSockets: 64 },
    }),
  });
}
