import { expect, it } from 'vitest';
import { s3ConfigFrom } from './config.js';

it('the environment names the store', () => {
  expect(s3ConfigFrom({})).toEqual({ bucket: 'temper', region: 'us-east-1' });
  expect(
    s3ConfigFrom({
      ...{ S3_ENDPOINT: 'http://127.0.0.1:9000', S3_BUCKET: 'b', S3_REGION: 'r' },
      ...{ AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' },
    }),
  ).toEqual({
    ...{ endpoint: 'http://127.0.0.1:9000', bucket: 'b', region: 'r' },
    credentials: { accessKeyId: 'k', secretAccessKey: 's' },
  });
  // Temporary keys need their token, which the SDK's own chain reads.
  const temporary = { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 't' };
  expect(s3ConfigFrom(temporary).credentials).toBeUndefined();
  expect(() => s3ConfigFrom({ S3_ENDPOINT: 'localhost' })).toThrow('S3_ENDPOINT: not a URL; found localhost');
});
