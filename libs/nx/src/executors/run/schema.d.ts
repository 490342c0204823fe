export interface RunExecutorSchema {
  /** From the workspace's root. */
  file: string;
  /** Where the result is written as JSON, from the workspace's root. */
  result: string;
  /** Fields of the spec to change, each PATH=VALUE. */
  set?: string[];
  /** Every stage again, cached or not. */
  fresh?: boolean;
}
