type Environment = Readonly<Record<string, string | undefined>>;

/** What a trainer has no use for: it talks to the store alone, and reads files that others wrote. */
const keptOut =
  /^(?:TEMPORAL_|TEMPER_PAYLOAD_KEYS|TEMPER_CREDENTIAL_|TEMPER_SIGNING_KEY|HF_TOKEN$|S3_TRAINER_)/;
const parts = ['ACCESS_KEY_ID', 'SECRET_ACCESS_KEY', 'SESSION_TOKEN', 'PROFILE'] as const;

/**
 * The environment of a trainer process: without the keys of Temporal, payloads and sources; in the store it has the keys
 * of `S3_TRAINER_ACCESS_KEY_ID`, `…_SECRET_ACCESS_KEY`, `…_SESSION_TOKEN` or `S3_TRAINER_PROFILE` where these are set.
 */
export function trainerEnvironment(env: Environment): Record<string, string | undefined> {
  const own = parts.some((part) => env[`S3_TRAINER_${part}`]);
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => !keptOut.test(name))),
    // All of them: half of another's would be taken for whole.
    ...(own ? Object.fromEntries(parts.map((part) => [`S3_${part}`, env[`S3_TRAINER_${part}`]])) : {}),
  };
}
