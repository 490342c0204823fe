import { describe, expect, it, vi } from 'vitest';

// Styles are on, as on a terminal.
vi.mock('picocolors', async (load) => {
  const { default: picocolors } = await load<{ default: { createColors: (on: boolean) => object } }>();
  return { default: picocolors.createColors(true) };
});
const { pc, shown } = await import('./style.js');
const { table } = await import('./report/table.js');
const { formatProblems } = await import('./failure.js');

const hostile = '\u001b[31mred\u001b[0m \u009b2J \u0007\b\r\u202e \u001b]0;title\u0007';
const harmless = '\\x1b[31mred\\x1b[0m \\x9b2J \\x07\\x08\\x0d\\u202e \\x1b]0;title\\x07';

describe('what is written', () => {
  it('has our styles, and shows the escapes of others', () => {
    expect(shown(`${pc.green('✔')} ${hostile}`)).toBe(`\u001b[32m✔\u001b[39m ${harmless}`);
    expect(shown(pc.bold(`a ${hostile} b`))).toBe(`\u001b[1ma ${harmless} b\u001b[22m`);
    expect(shown(pc.red(`a ${pc.red('b')} c`))).toBe(
      '\u001b[31ma \u001b[31mb\u001b[39m\u001b[31m c\u001b[39m',
    );
  });

  it('does so in tables, whose columns still line up', () => {
    const text = shown(
      table(
        ['name', 'n'],
        [
          [hostile, pc.green('1')],
          ['b', '2'],
        ],
      ),
    );
    const lines = text.split('\n');
    expect(lines[1]).toBe(`${harmless}  \u001b[32m1\u001b[39m`);
    expect(lines[2]!.indexOf('2')).toBe(harmless.length + 2);
  });

  it('has no line that looks like ours and is not', () => {
    const forged = 'x\n✔ published mail:2\n✖ y';
    expect(shown(table([forged], [[forged]])).split('\n')).toHaveLength(2);
    const lines = shown(formatProblems([{ path: forged, message: forged, found: forged }]).join('\n'));
    expect(lines.split('\n').filter((line) => /^\S/.test(line))).toHaveLength(1);
  });

  it('does so in errors', () => {
    const problem = { path: hostile, message: hostile, found: hostile, allowed: hostile, hint: hostile };
    const text = shown(formatProblems([problem]).join('\n'));
    expect(text.replaceAll(/\u001b\[\d+m/g, '')).not.toMatch(/[\u001b\u009b\u0007\b\r\u202e]/);
    expect(text.split('\\x9b2J')).toHaveLength(6);
  });
});
