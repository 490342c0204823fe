import type { Run } from './scope.js';
import { addSpan, placedAt, type Span } from './span.js';
import { raw, stretches, Text, type Str } from './text.js';

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
    const { turn } = this.run;
    if (!span && !turn && !this.generation) return;
    addSpan(this.spans, placedAt(span, start, this.value.length, turn, this.generation));
  }

  text(): Str {
    return this.spans.length ? new Text(this.value, this.spans) : this.value;
  }
}
