import { TemperError } from '@temper/contracts';

interface ServiceError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly code?: string;
}

const statusOf = (error: unknown) => (error as ServiceError | undefined)?.$metadata?.httpStatusCode;
const nameOf = (error: unknown) => (error as Error | undefined)?.name ?? '';

const noAnswer = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);
const noAnswerNames = new Set([
  'TimeoutError',
  'RequestTimeout',
  'NetworkingError',
  'IncompleteBody',
  'AbortError',
]);

/** The key is not there. (A missing bucket is another thing: it is refused.) */
export const isMissing = (error: unknown): boolean =>
  ['NoSuchKey', 'NotFound'].includes(nameOf(error)) ||
  (statusOf(error) === 404 && nameOf(error) !== 'NoSuchBucket');

/** The store knows no checksums in headers: S3 says 501 NotImplemented to a header that it does not know. */
export const lacksChecksums = (error: unknown): boolean =>
  statusOf(error) === 501 ||
  (statusOf(error) === 400 &&
    /checksum|trailer|aws-chunked/i.test(`${nameOf(error)} ${(error as Error).message}`));

/** The SDK has compared what came with the sum that the store has of it. */
export const isWrongSum = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('Checksum mismatch');

export const wrongSum = (path: string, cause: unknown): TemperError =>
  new TemperError(
    'BLOB_CORRUPT',
    {
      ...{ path, message: 'the content does not match the checksum that the store has of it' },
      found: (cause as Error).message,
      hint: 'restore it from a backup, or remove it where nothing needs it',
    },
    { cause },
  );

/** What no S3 says: another server's page, HTTP that is none, what never ends. */
const isNoAnswer = (error: unknown): boolean =>
  nameOf(error) === 'EndlessAnswer' ||
  (error instanceof Error && '$response' in error) ||
  /^HPE_/.test((error as ServiceError | undefined)?.code ?? '');

/** What to look at, of Temper's own store and of a source's. */
const advice = {
  own: {
    bucket: 'create it, or set S3_BUCKET',
    access: 'check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    answer: 'is S3_ENDPOINT right, and the server running?',
    certificate: 'name its authority with S3_CA_FILE (PEM)',
  },
  source: {
    bucket:
      'sources in other buckets than S3_BUCKET are read from AWS, or from the store that AWS_ENDPOINT_URL_S3 names',
    access:
      'check AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; AWS_ENDPOINT_URL_S3 names a store that is not AWS',
    answer: 'is AWS_ENDPOINT_URL_S3 (or AWS_ENDPOINT_URL) right, and the server running?',
    certificate: 'name its authority with AWS_CA_BUNDLE (PEM)',
  },
} as const;

type StoreCode = 'STORE_CONFLICT' | 'STORE_REFUSED' | 'STORE_UNAVAILABLE';
type Verdict = readonly [
  code: StoreCode,
  message: string,
  advice?: keyof (typeof advice)['own'],
  hint?: string,
];

/**
 * What the store said, in Temper's codes; the original error is kept as the cause.
 * What is no fault of the store (the source of an upload failed) is passed on as it is.
 */
export function storeError(error: unknown, where: string, role: keyof typeof advice = 'own'): unknown {
  if (error instanceof TemperError) return error;
  const verdict = byName(nameOf(error)) ?? byStatus(statusOf(error)) ?? withoutStatus(error);
  if (!verdict) return error;
  const [code, message, advised, hint = advised && advice[role][advised]] = verdict;
  // The SDK's second line is for those who program with it.
  const said = (error as Error | undefined)?.message?.split('\n')[0];
  const found = [nameOf(error), statusOf(error), said].filter(Boolean).join(' ');
  return new TemperError(code, { path: where, message, found, ...(hint ? { hint } : {}) }, { cause: error });
}

const conditionFailed = ['STORE_CONFLICT', 'the condition of the write was not met'] as const;
const accessDenied = ['STORE_REFUSED', 'the object store denies access', 'access'] as const;
const notNow = ['STORE_UNAVAILABLE', 'the object store cannot answer now'] as const;
// Asking again changes nothing.
const lacking = [
  'STORE_REFUSED',
  'the object store lacks what Temper needs',
  undefined,
  'use AWS S3, SeaweedFS or versitygw',
] as const;

const verdicts: Readonly<Record<string | number, Verdict>> = {
  PreconditionFailed: conditionFailed,
  ConditionalRequestConflict: conditionFailed,
  // Of a write: AWS and versitygw say so, and not 412, where there is no version at all that If-Match could mean.
  NoSuchKey: conditionFailed,
  NoSuchUpload: ['STORE_UNAVAILABLE', 'the upload in parts was given up meanwhile: it begins anew'],
  NoSuchBucket: ['STORE_REFUSED', 'there is no such bucket', 'bucket'],
  CredentialsProviderError: accessDenied,
  401: accessDenied,
  403: accessDenied,
  408: notNow,
  409: ['STORE_CONFLICT', 'another write to the same key is under way'],
  412: conditionFailed,
  429: notNow,
  501: lacking,
  505: lacking,
};

const byName = (name: string): Verdict | undefined =>
  Object.hasOwn(verdicts, name) ? verdicts[name] : undefined;

function byStatus(status: number | undefined): Verdict | undefined {
  if (status === undefined) return undefined;
  if (verdicts[status]) return verdicts[status];
  if (status >= 500) return notNow;
  return status >= 400 ? ['STORE_REFUSED', 'the object store refused the request'] : undefined;
}

/** Nobody answered, or somebody who is no object store (a status below 400 of what failed is such an answer). */
function withoutStatus(error: unknown): Verdict | undefined {
  const code = (error as ServiceError | undefined)?.code;
  // Node's names of what X.509 can lack.
  if (/CERT|^UNABLE_TO_|ALTNAME/.test(code ?? '')) {
    return ['STORE_REFUSED', 'the certificate of the object store is not trusted', 'certificate'];
  }
  if (noAnswer.has(code ?? '') || noAnswerNames.has(nameOf(error))) {
    return ['STORE_UNAVAILABLE', 'the object store did not answer', 'answer'];
  }
  if (statusOf(error) === undefined && !isNoAnswer(error)) return undefined;
  return ['STORE_REFUSED', 'this is not the answer of an object store', 'answer'];
}
