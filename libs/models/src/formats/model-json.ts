import { parseJson, TemperError } from '@temper/contracts';
import { shown } from './messages.js';

/** What is no JSON though people write it, and the mend. */
const mistakes: readonly (readonly [starts: RegExp, hint: string])[] = [
  [/^\ufeff/, 'a byte order mark stands before it: save the file as UTF-8 without one'],
  [/^[\ufffd\0]/, 'save the file as UTF-8'],
  [/^\s*(\/\/|\/\*|#)|\n[^\S\n]*(\/\/|\/\*)/, 'JSON has no comments'],
  [/,\s*[}\]]/, 'a comma stands before a bracket that closes'],
  [/^\s*\{\s*'/, 'is it printed by Python? json.dumps writes JSON'],
  [/^\s*$/, 'the file is empty: fetch it again'],
];

/** The value of a model's JSON file. @throws TemperError MODEL_CORRUPT with the file, in words on one line */
export function modelJson(path: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    const { message } = cause as Error;
    const place =
      cause instanceof SyntaxError
        ? /at position \d+|end of JSON input|nested more than \d+ deep/.exec(message)?.[0]
        : message.slice(0, 200);
    const hint = mistakes.find(([starts]) => starts.test(text))?.[1];
    throw new TemperError(
      'MODEL_CORRUPT',
      {
        path,
        message: `is not JSON${place ? ` (${place})` : ''}`,
        found: shown(text.slice(0, 40)),
        ...(hint ? { hint } : {}),
      },
      { cause },
    );
  }
}
