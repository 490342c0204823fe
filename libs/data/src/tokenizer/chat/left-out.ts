/** Why a conversation is not trained on. */
export type ChatRefusal =
  /** The template raises an error: for a role, or an order of roles, that it does not know. */
  | 'templateRefuses'
  /** A message, its tool calls or the tools are nowhere in what the template writes. */
  | 'messageNotWritten'
  /** It cannot be told which part of the text is the answer. */
  | 'answerNotFound'
  /** A message has parts that are not text. */
  | 'notText';

/** A conversation that this template cannot write, or not so that it is known what to learn. */
export class LeftOut {
  constructor(
    readonly reason: ChatRefusal,
    readonly message: string,
  ) {}
}

export const leftOut = (reason: ChatRefusal, message: string): never => {
  throw new LeftOut(reason, message);
};
