import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Transform, type Readable } from 'node:stream';

/** A page of a listing has at most a thousand keys of 1,024 bytes, which XML writes five times as long. */
const LONGEST = 16 * 2 ** 20;
const LONGEST_MS = 60_000;

type Handle = NodeHttpHandler['handle'];

/** Says that a store's answer is not one, whatever it is asked. */
class EndlessAnswer extends Error {
  override readonly name = 'EndlessAnswer';
}

/**
 * The SDK reads every answer but that of an object into memory before it looks at it: such an answer ends here, after as much
 * as one can be and as long as one can take.
 */
export class BoundedAnswers extends NodeHttpHandler {
  override async handle(...[request, options]: Parameters<Handle>): ReturnType<Handle> {
    const { response } = await super.handle(request, options);
    const isObject = request.query?.['x-id'] === 'GetObject' && response.statusCode < 300;
    if (!isObject && response.body) response.body = bounded(response.body as Readable);
    return { response };
  }
}

function bounded(body: Readable): Readable {
  let size = 0;
  const limit = new Transform({
    transform(piece: Uint8Array, _, done) {
      size += piece.length;
      if (size > LONGEST) done(new EndlessAnswer(`more than ${LONGEST / 2 ** 20} MB`));
      else done(null, piece);
    },
  });
  const timer = setTimeout(
    () => limit.destroy(new EndlessAnswer(`longer than ${LONGEST_MS / 1000} s`)),
    LONGEST_MS,
  );
  body.once('error', (error) => limit.destroy(error));
  limit.once('close', () => {
    clearTimeout(timer);
    if (!body.readableEnded) body.destroy();
  });
  return body.pipe(limit);
}
