import { TemplateTooLong } from './errors.js';
import { Undefined, type Value } from './values.js';
import type { Turn } from './span.js';

/** Variables; what is set in a loop's pass, a macro or a block is gone behind it. */
export class Scope {
  private readonly variables = new Map<string, Value>();

  constructor(private readonly parent?: Scope) {}

  get(name: string): Value {
    const own = this.variables.get(name);
    if (own !== undefined) return own;
    return this.parent ? this.parent.get(name) : new Undefined(`'${name}'`);
  }

  set(name: string, value: Value): void {
    this.variables.set(name, value);
  }
}

/** What a rendering of one conversation may cost: nodes of the template evaluated, and characters written. */
const MOST_STEPS = 5_000_000;
const MOST_CHARACTERS = 64_000_000;

/** The state of one rendering. */
export class Run {
  /** The pass of the innermost loop. */
  turn: Turn | undefined;
  private steps = 0;
  private characters = 0;

  step(): void {
    if (++this.steps > MOST_STEPS) throw new TemplateTooLong(`more than ${MOST_STEPS} steps`);
  }

  made(characters: number): void {
    this.characters += characters;
    if (this.characters > MOST_CHARACTERS)
      throw new TemplateTooLong(`more than ${MOST_CHARACTERS} characters`);
  }
}
