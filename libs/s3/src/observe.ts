import type { S3Client } from '@aws-sdk/client-s3';
import type { StoreRequest } from '@temper/contracts';

export type OnRequest = (request: StoreRequest) => void;

type Next = (request: unknown) => Promise<{ readonly response: unknown }>;
interface Refused {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Tells of every request that goes out, the SDK's own further tries included. */
export function observeRequests({ middlewareStack }: S3Client, onRequest: OnRequest): void {
  const observe = (next: Next, context: { readonly commandName?: string }) => async (request: unknown) => {
    const started = performance.now();
    const tell = (status: number | undefined) =>
      onRequest({
        operation: context.commandName?.replace(/Command$/, '') ?? 'other',
        code: status === undefined ? 'no_answer' : String(status),
        seconds: (performance.now() - started) / 1000,
      });
    try {
      const answer = await next(request);
      tell((answer.response as { readonly statusCode?: number }).statusCode);
      return answer;
    } catch (error) {
      tell((error as Refused).$metadata?.httpStatusCode);
      throw error;
    }
  };
  // The stack's types are of one command's input; this looks at none. Inside the retries: around each of them.
  middlewareStack.addRelativeTo(observe as never, {
    name: 'temperObserve',
    relation: 'after',
    toMiddleware: 'retryMiddleware',
  });
}
