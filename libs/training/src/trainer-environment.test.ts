import { expect, it } from 'vitest';
import { trainerEnvironment } from './trainer-environment.js';

it('a trainer gets no key but that of the store', () => {
  const env = {
    ...{
      PATH: '/bin',
      TEMPER_HOME: '/home',
      S3_ENDPOINT: 'http://store',
      S3_SSE: 'AES256',
      AWS_PROFILE: 'p',
    },
    ...{ TEMPORAL_API_KEY: 'a', TEMPORAL_TLS_CLIENT_KEY_DATA: 'b', TEMPER_PAYLOAD_KEYS: 'c', HF_TOKEN: 'd' },
    ...{
      TEMPER_PAYLOAD_KEYS_FILE: 'e',
      TEMPER_CREDENTIAL_LAKE_TOKEN: 'f',
      TEMPER_SIGNING_KEY_FILE: 'g',
      S3_ACCESS_KEY_ID: 'k',
    },
  };
  const { PATH, TEMPER_HOME, S3_ENDPOINT, S3_SSE, AWS_PROFILE, S3_ACCESS_KEY_ID } = env;
  expect(trainerEnvironment(env)).toEqual({
    ...{ PATH, TEMPER_HOME, S3_ENDPOINT, S3_SSE, AWS_PROFILE, S3_ACCESS_KEY_ID },
  });
});

it('it has keys of its own where there are some, and nothing of the others then', () => {
  const env = {
    ...{ S3_ACCESS_KEY_ID: 'worker', S3_SECRET_ACCESS_KEY: 'secret', S3_SESSION_TOKEN: 'token' },
    ...{ S3_TRAINER_ACCESS_KEY_ID: 'trainer', S3_TRAINER_SECRET_ACCESS_KEY: 'hidden' },
  };
  expect(trainerEnvironment(env)).toEqual({
    S3_ACCESS_KEY_ID: 'trainer',
    S3_SECRET_ACCESS_KEY: 'hidden',
    S3_SESSION_TOKEN: undefined,
    S3_PROFILE: undefined,
  });
});
