import { z } from 'zod';

/** Keys of AWS are written as names are. */
const isName = (text: string) =>
  /^[A-Z][A-Z0-9_]{0,63}$/.test(text) && !/^A(?:KIA|SIA)[A-Z0-9]{16}$/.test(text);

/** What is written here is kept in histories, for everybody who may look at them. */
const credentialName = z.string().superRefine((text, context) => {
  if (isName(text)) return;
  context.addIssue({
    code: 'custom',
    message: 'a name in capital letters is written here, never the secret itself',
    params: {
      secret: true,
      allowed: 'A-Z, 0-9 and _',
      hint: 'TEMPER_CREDENTIAL_NAME_TOKEN, or …_ACCESS_KEY_ID and …_SECRET_ACCESS_KEY, in the environment of the workers hold the secret',
    },
  });
});

/** How far what is fetched may go; each of them may be raised. */
export const downloadSchema = z
  .strictObject({
    maxBytes: z
      .int()
      .positive()
      .default(20e9)
      .describe(
        'of one file of http(s)://, as sent and unpacked, and of an adapter from anywhere; of a package, of all its files',
      ),
    stallSeconds: z
      .number()
      .positive()
      .max(86_400)
      .default(60)
      .describe('a download that gets less than 1 kB/s for so long ends'),
    maxSeconds: z.number().positive().max(604_800).default(21_600).describe('for one file in all'),
    maxRedirects: z.int().min(0).max(20).default(5).describe('of one address to the next'),
    privateHosts: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'hosts inside your own network that may be read; one that the source itself names by its private address, as localhost, or by a name without a dot needs no entry',
      ),
    credentials: z
      .record(z.string().min(1), credentialName)
      .optional()
      .describe(
        'beginning of a source (`s3://BUCKET`, `hf:ORG`, `https://HOST/`) → name of the credential that it is read with: the workers have `TEMPER_CREDENTIAL_NAME_…` in their environment',
      ),
  })
  .prefault({})
  .describe('Limits of sources that are fetched: times of http(s)://, s3:// and hf:, the others as they say');

export type DownloadSpec = z.output<typeof downloadSchema>;
