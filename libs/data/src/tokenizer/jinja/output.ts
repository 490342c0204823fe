import type { Run } from './scope.js';
import { addSpan, raw, stretches, Text, type Span, type Str } from './text.js';

/** What a block writes. Each part is marked with the pass of the loop that wrote it first. */
export class Output {
  private value = '';
  private readonly spans: Span[] = [];

  /** `generation`: the `{% generation %}` block that this is. */
  constructor(
    private readonly run: Run,
    private readonly generation?: object,
  ) {}

  write(text: Str): void {
    if (!raw(text)) return;
    this.run.made(raw(text).length);
    for (const { value, span } of stretches(text)) this.add(value, span);
  }

  private add(value: string, span: Span | undefined): void {
    const start = this.value.length;
    this.value += value;
    const turn = span?.turn ?? this.run.turn;
    const generation = span?.generation ?? this.generation;
    if (!span?.leaf && !turn && !generation) return;
    addSpan(this.spans, { from: 0, to: 0, ...span, start, end: this.value.length, turn, generation });
  }

  text(): Str {
    return this.spans.length ? new Text(this.value, this.spans) : this.value;
  }
}
