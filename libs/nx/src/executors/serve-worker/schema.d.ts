export interface ServeWorkerExecutorSchema {
  /** Of Temper's own workers; default the CPU's. */
  pools?: ('cpu' | 'webgpu' | 'cuda')[];
  /** The program of a worker of your own, from the workspace's root. */
  main?: string;
}
