export interface CheckExecutorSchema {
  /** From the workspace's root. */
  file: string;
  /** Fields of the spec to change, each PATH=VALUE. */
  set?: string[];
}
