import { unusable } from '../not-found.js';
import { parseGlob, type Part } from './parse.js';

/** States that all names of a source may go through together: some seconds' work. Usual ones take a thousand a name. */
const MOST_STATES = 200_000_000;

/** A state of the automaton: reads one character and goes on, or goes on at several states without reading. */
type State =
  | { readonly reads: (char: string) => boolean; readonly wild: boolean; next: number }
  | { readonly to: readonly number[] };

/**
 * A glob as a nondeterministic automaton (Thompson's construction): a text is matched in time proportional to its length
 * times that of the pattern, whatever both are. What is wild does not match a `.` at the beginning of a name, nor a `/`.
 */
export class Glob {
  readonly #states: State[] = [{ to: [] }];
  readonly #start: number;
  #visited = 0;

  constructor(private readonly pattern: string) {
    this.#start = this.#add(parseGlob(pattern), 0, true);
  }

  /**
   * Whether the path, with `/`, is one of the pattern's.
   * @throws TemperError DATA_INVALID where the pattern is too long for so many names
   */
  matches(path: string): boolean {
    return this.#after(path).has(0);
  }

  /** Whether a path that begins like this may be one of the pattern's. */
  mayBegin(beginning: string): boolean {
    return this.#after(beginning).size > 0;
  }

  #after(text: string): Set<number> {
    let now = this.#closure([this.#start]);
    let before = '/';
    for (const char of text) {
      const next: number[] = [];
      const hidden = before === '/' && char === '.';
      for (const at of now) {
        const state = this.#states[at]!;
        if ('reads' in state && !(state.wild && hidden) && state.reads(char)) next.push(state.next);
      }
      now = this.#closure(next);
      if (!now.size) return now;
      before = char;
    }
    return now;
  }

  /** All states that are reached without reading. */
  #closure(from: number[]): Set<number> {
    const reached = new Set<number>();
    while (from.length) {
      const at = from.pop()!;
      if (reached.has(at)) continue;
      reached.add(at);
      const state = this.#states[at]!;
      if ('to' in state) from.push(...state.to);
    }
    this.#visited += reached.size;
    if (this.#visited > MOST_STATES) throw tooMuch(this.pattern);
    return reached;
  }

  /**
   * Adds the parts before the state `next`; returns the state that they begin with. `starts`: with them, a name begins.
   */
  #add(parts: readonly Part[], next: number, starts: boolean): number {
    return parts.reduceRight((after, part, i) => {
      const before = parts[i - 1];
      const begins = before
        ? before.kind === 'folders' || (before.kind === 'text' && before.text === '/')
        : starts;
      return this.#addPart(part, after, begins);
    }, next);
  }

  #addPart(part: Part, next: number, starts: boolean): number {
    if (part.kind === 'text') {
      // The dot of a hidden name is written where the name begins: `*.csv` is not `.csv`.
      return this.#reading((c) => c === part.text, part.text === '.' && !starts, next);
    }
    if (part.kind === 'any') return this.#reading(inName, true, next);
    if (part.kind === 'class') return this.#reading((c) => inName(c) && part.has(c), true, next);
    if (part.kind === 'one of') {
      return this.#states.push({ to: part.choices.map((choice) => this.#add(choice, next, starts)) }) - 1;
    }
    return part.kind === 'star' ? this.#star(next) : this.#folders(next);
  }

  /** Any characters of one name. */
  #star(next: number): number {
    const to = [next];
    const fork = this.#states.push({ to }) - 1;
    to.push(this.#reading(inName, true, fork));
    return fork;
  }

  /** Any folders, each a name and a slash. */
  #folders(next: number): number {
    const to = [next];
    const fork = this.#states.push({ to }) - 1;
    const slash = this.#reading((c) => c === '/', false, fork);
    to.push(this.#reading(inName, true, this.#star(slash)));
    return fork;
  }

  #reading(reads: (char: string) => boolean, wild: boolean, next: number): number {
    return this.#states.push({ reads, wild, next }) - 1;
  }
}

const inName = (char: string) => char !== '/';

const tooMuch = (pattern: string) =>
  unusable(
    pattern,
    'a pattern that is too long for so many names',
    [`${pattern.length} characters`],
    'name the folder, or fewer choices',
  );
