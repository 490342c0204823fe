/** Execution providers of ONNX Runtime that a worker pool can have. */
export const providers = ['cpu', 'webgpu', 'cuda'] as const;
export type Provider = (typeof providers)[number];
