import type { NoAttributes, OpDefinition } from './definition.js';

export const Identity: OpDefinition<NoAttributes> = {
  domain: '',
  since: 21,
  inputs: [1, 1],
  outputs: [1, 1],
  attributes: {},
  elementwise: true,
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    return [{ dtype, shape, content: context.content(0) }];
  },
  evaluate: ({ input }) => [input(0)],
  gradient: ({ dy }) => [() => dy],
};
