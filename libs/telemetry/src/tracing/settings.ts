import { TemperError } from '@temper/contracts';

export interface TracingSettings {
  readonly protocol: 'http/protobuf' | 'http/json';
}

type Environment = Readonly<Record<string, string | undefined>>;

const protocols = ['http/protobuf', 'http/json'] as const;

/** What `OTEL_*` switch on, or undefined: then nothing of OpenTelemetry is loaded. */
export function tracingSettings(env: Environment = process.env): TracingSettings | undefined {
  const endpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (!endpoint || env['OTEL_SDK_DISABLED'] === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none') {
    return undefined;
  }
  const wanted =
    env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] || env['OTEL_EXPORTER_OTLP_PROTOCOL'] || protocols[0];
  const protocol = protocols.find((name) => name === wanted);
  if (!protocol) {
    throw new TemperError('SPEC_INVALID', {
      path: 'OTEL_EXPORTER_OTLP_PROTOCOL',
      message: 'not a protocol that Temper speaks',
      found: wanted,
      allowed: protocols.join(', '),
      hint: 'collectors take OTLP over HTTP on port 4318',
    });
  }
  return { protocol };
}
