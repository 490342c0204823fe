const SHOWN = 200;

/** What a process wrote before it ended, in one line: of Rust's panic the words between its own. */
export function lastWords(how: string, stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const telling = lines.filter((line) => line && !FRAME.test(line));
  const words = telling.slice(0, 2).join(' ').slice(0, SHOWN);
  return words ? `${how}: ${words}` : how;
}

/** Lines of a panic that say nothing of its cause. */
const FRAME = /^(thread '|stack backtrace|note: |\d+: |at |fatal runtime error|<--- |#|-+)/;
