import { visible, visibleLine } from '@temper/contracts';
import { randomBytes } from 'node:crypto';
import picocolors from 'picocolors';

/**
 * Styles of our own words. Everything that is written passes `shown`, which makes escape sequences visible as they may come
 * with a name, a label or a message from outside; ours carry a mark that nobody else knows, and become sequences there.
 */
const mark = `\u001b${randomBytes(12).toString('hex')}`;

const sequence = /\u001b\[[0-9;]*[A-Za-z]/g;
const marked = (text: string) => text.replaceAll(sequence, (found) => mark + found.slice(1));

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
const styles = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const;

function styled(style: Style): (text: string | number) => string {
  return (text) => {
    const [open, close] = picocolors[style]('\0').split('\0').map(marked) as [string, string];
    // Inside, what closes opens ours again.
    return open ? `${open}${String(text).replaceAll(close, `${close}${open}`)}${close}` : String(text);
  };
}

/** As picocolors. */
export const pc = Object.fromEntries(styles.map((style) => [style, styled(style)])) as Readonly<
  Record<Style, (text: string | number) => string>
>;

/** A text as it is sent to a terminal or a file: our styles work, all other controls are made visible. */
export const shown = (text: string): string => text.split(mark).map(visible).join('\u001b');

/** The same of what is one line: a line end in a name or a label must not look like a line of ours. */
export const shownLine = (text: string): string => text.split(mark).map(visibleLine).join('\u001b');

/** A text in which all sequences are ours, as a table is once its cells were `shown`. */
export const trusted = (text: string): string => marked(text);
