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

it('keys of a profile, temporary keys, an authority, the form of addresses and encryption are settings of their own', () => {
  const AWS = { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' };
  expect(s3ConfigFrom({ S3_PROFILE: 'team', ...AWS })).toMatchObject({ profile: 'team' });
  expect(s3ConfigFrom({ S3_PROFILE: 'team', ...AWS })).not.toHaveProperty('credentials');
  const S3 = { S3_ACCESS_KEY_ID: 'a', S3_SECRET_ACCESS_KEY: 'b', S3_SESSION_TOKEN: 't', S3_PROFILE: 'team' };
  expect(s3ConfigFrom(S3)).toMatchObject({
    credentials: { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 't' },
  });
  expect(s3ConfigFrom({ S3_PATH_STYLE: 'false', S3_CA_FILE: '/ca.pem' })).toMatchObject({
    pathStyle: false,
    caFile: '/ca.pem',
  });
  expect(
    s3ConfigFrom({ S3_SSE: 'aws:kms', S3_SSE_KMS_KEY_ID: 'id', S3_SSE_BUCKET_KEY: 'true' }).encryption,
  ).toEqual({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'id', BucketKeyEnabled: true });
  expect(() => s3ConfigFrom({ S3_SSE: 'kms' })).toThrow(/S3_SSE: .*found kms; allowed: AES256, aws:kms/);
  expect(() => s3ConfigFrom({ S3_SSE: 'AES256', S3_SSE_KMS_KEY_ID: 'id' })).toThrow('S3_SSE=aws:kms alone');
  expect(() => s3ConfigFrom({ S3_PATH_STYLE: 'yes' })).toThrow('allowed: true, false');
});
