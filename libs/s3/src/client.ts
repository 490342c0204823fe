import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { S3Client } from '@aws-sdk/client-s3';
import { TemperError } from '@temper/contracts';
import { BoundedAnswers } from './bounded-answers.js';
import type { S3Config } from './config.js';

/** A client of the SDK; `checksums` is asked before each request. */
export function s3Client(config: S3Config, checksums: () => boolean): S3Client {
  // Node 20 is supported here on purpose; the SDK's notice would appear among the command line's own output.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const agent = { keepAlive: true, maxSockets: 64 };
  return new S3Client({
    region: config.region,
    ...(config.endpoint ? { endpoint: config.endpoint } : { followRegionRedirects: true }),
    // Virtual-hosted buckets need DNS, which self-hosted stores seldom have.
    forcePathStyle: config.pathStyle ?? config.endpoint !== undefined,
    // What the environment says of AWS is for sources; where it holds for one, it is in `config`.
    ignoreConfiguredEndpointUrls: true,
    ...(config.credentials ? { credentials: config.credentials } : {}),
    ...(config.profile ? { profile: config.profile } : {}),
    requestChecksumCalculation: () => Promise.resolve(checksums() ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED'),
    maxAttempts: 4,
    retryMode: 'standard',
    requestHandler: new BoundedAnswers({
      connectionTimeout: 3_000,
      // Of silence on an open connection.
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: { ...agent, ...(config.caFile ? { ca: authorities(config.caFile) } : {}) },
    }),
  });
}

/** Those of the file, besides Node's own: an agent with a list of its own knows no others. */
function authorities(file: string): string[] {
  try {
    return [...rootCertificates, readFileSync(file, 'utf8')];
  } catch (cause) {
    const { message: found } = cause as Error;
    const message = 'the file of certificate authorities cannot be read';
    throw new TemperError('STORE_REFUSED', { path: file, message, found }, { cause });
  }
}
