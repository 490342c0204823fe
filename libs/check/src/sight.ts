import type { DownloadSpec } from '@temper/contracts';
import type { FoundFiles, ResolveOptions } from '@temper/sources';
import type { ArtifactStore, Registry } from '@temper/storage';

/** How a source is looked for; `locateSource`, or `locateAdapter`. */
export type Locate = (uri: string, options: ResolveOptions) => Promise<FoundFiles>;

/** The store that runs and their models are kept in. */
export interface OwnStore {
  readonly registry: Registry;
  readonly artifacts: ArtifactStore;
}

/** What can be looked at from where the check is made. */
export interface Sight {
  /**
   * The local files of a source, the large ones perhaps cut (`cut`). Undefined where it cannot be seen from here: then nothing
   * is said of it, and whoever can see it checks it.
   */
  files(
    uri: string,
    spec: { readonly download: DownloadSpec },
    locate?: Locate,
  ): Promise<FoundFiles | undefined>;
  /** Undefined where it does not run, or cannot be reached. */
  own(): Promise<OwnStore | undefined>;
}
