// Who may import whom, and why. Read by eslint.config.mjs, which enforces it with Nx's graph and with plain messages.
const below = (...scopes) => scopes;

/** scope -> { may: scopes it may import, why: what the rule protects } */
export const boundaries = {
  contracts: { may: below(), why: 'contracts are the nouns everybody shares; they depend on nothing' },
  graph: { may: below('contracts'), why: 'the compiler knows neither Temporal, S3 nor ONNX Runtime' },
  models: {
    may: below('contracts', 'graph'),
    why: 'a model is files and a forward graph, nothing that runs',
  },
  methods: { may: below('contracts', 'graph', 'models'), why: 'a method is a graph rewrite' },
  spec: {
    may: below('contracts', 'methods', 'optimizers', 'tasks'),
    why: 'the spec is composed of the `schema` entries of what it configures, which are zod alone',
  },
  tasks: { may: below('contracts', 'graph'), why: 'a task is a loss, metrics and words; nothing that runs' },
  optimizers: { may: below('contracts', 'graph'), why: 'an optimizer is state, scalars and a graph' },
  storage: { may: below('contracts'), why: 'the port knows no vendor; adapters depend on it' },
  sources: { may: below('contracts', 'storage'), why: 'fetching is apart from what is done with the files' },
  data: {
    may: below('contracts', 'spec', 'tasks', 'storage'),
    why: 'data preparation runs without models or devices',
  },
  check: {
    may: below(...['contracts', 'spec', 'sources', 'data', 'models', 'methods', 'tasks', 'storage']),
    why: 'one check, made by whoever sees the sources: a client before it submits, or the ingest stage',
  },
  training: {
    may: below(
      ...['contracts', 'spec', 'graph', 'models', 'methods', 'optimizers', 'tasks', 'data', 'storage'],
    ),
    why: 'the loop runs over the session port, on any runtime',
  },
  inference: {
    may: below(
      ...['contracts', 'spec', 'graph', 'models', 'methods', 'tasks', 'data', 'training', 'storage'],
    ),
    why: 'a published model runs over the session port, on any runtime',
  },
  onnxruntime: { may: below('contracts', 'graph', 'training'), why: 'an adapter imports its port only' },
  codec: { may: below('contracts'), why: 'hosts take it for their own workers and clients' },
  connection: { may: below('contracts'), why: 'client, workers and services go to Temporal by one way' },
  s3: { may: below('contracts', 'storage'), why: 'an adapter imports its port only' },
  telemetry: { may: below('contracts'), why: 'what observes knows nothing of what is observed' },
  services: {
    may: below('contracts', 'storage', 's3', 'sources', 'connection'),
    why: 'servers are started, not used, here',
  },
  workflows: {
    may: below('contracts', 'spec'),
    why: 'workflow code must be deterministic: contracts, the spec and @temporalio/workflow only',
  },
  activity: {
    may: below(
      ...['contracts', 'spec', 'storage', 'sources', 'data', 'models', 'methods', 'optimizers', 'tasks'],
      ...['training', 'check', 'activity', 'workflows'],
    ),
    why: 'activities are thin: libraries through ports, adapters are chosen by workers',
  },
  worker: {
    may: below(
      ...['contracts', 'spec', 'storage', 's3', 'sources', 'data', 'models', 'training', 'onnxruntime'],
      ...['services', 'codec', 'connection'],
      ...['activity', 'workflows', 'worker', 'telemetry'],
    ),
    why: 'workers are the composition roots; nothing but a test looks into them',
  },
  client: {
    may: below('contracts', 'spec', 'storage', 'sources', 'codec', 'connection'),
    why: 'a client talks to Temporal and the registry, it does not run stages',
  },
  testing: {
    may: below('contracts', 'spec', 'tasks', 'methods', 'storage', 'client', 'activity', 'workflows'),
    why: "users' tests need neither ONNX Runtime nor S3, nor what knows them",
  },
  cli: {
    may: below(
      ...[
        'contracts',
        'spec',
        'client',
        'storage',
        's3',
        'services',
        'sources',
        'check',
        'data',
        'models',
        'methods',
        'tasks',
        'training',
        'inference',
        'onnxruntime',
        'telemetry',
        'connection',
      ],
    ),
    why: 'the command line composes client and embedded services; workers are processes of their own',
  },
  nx: {
    may: below(...['contracts', 'spec', 'client', 'sources', 'services']),
    why: 'targets start the command line; what a pipeline file means is what the command line reads in it',
  },
  test: {
    may: below(
      ...[
        'contracts',
        'spec',
        'graph',
        'models',
        'methods',
        'optimizers',
        'tasks',
        'storage',
        'sources',
        'check',
        'data',
        'training',
        'inference',
        'onnxruntime',
        's3',
      ],
      ...['services', 'workflows', 'activity', 'worker', 'client', 'cli', 'nx', 'telemetry', 'test'],
      ...['codec', 'connection', 'testing'],
    ),
    why: 'tests may look at everything; nothing imports them',
  },
};

/** External packages that only some scopes may import. */
export const vendors = [
  {
    packages: ['onnxruntime-node'],
    only: ['onnxruntime'],
    why: 'libs/onnxruntime is the one adapter of the session port',
  },
  {
    packages: ['@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
    only: ['s3'],
    why: 'libs/s3 is the one adapter of the object-store port',
  },
  {
    packages: ['@temporalio/envconfig'],
    only: ['connection'],
    why: 'one place reads the settings of Temporal',
  },
  {
    packages: ['@temporalio/workflow'],
    only: ['workflows', 'test'],
    why: 'workflow code lives in workflows/',
  },
  {
    packages: ['@temporalio/worker', '@temporalio/activity', '@temporalio/plugin'],
    only: ['activity', 'worker', 'testing', 'test'],
    why: 'libraries must run without Temporal; stages and workers connect them to it',
  },
  {
    packages: ['@temporalio/client'],
    only: ['client', 'services', 'activity', 'worker', 'testing', 'test'],
    why: 'libs/client is the way to Temporal for everything that is not a worker',
  },
  {
    packages: ['prom-client', '@opentelemetry/sdk-trace-node', '@opentelemetry/exporter-trace-otlp-proto'],
    only: ['telemetry'],
    why: 'libs/telemetry is the one adapter of metrics and traces',
  },
  { packages: ['@nx/devkit'], only: ['nx', 'test'], why: 'libs/nx is the one plugin of Nx' },
];

/** Folder pattern -> scope, as in the tags of each package.json. */
export const folders = {
  'workflows/**': 'workflows',
  'activities/**': 'activity',
  'workers/**': 'worker',
  'test/**': 'test',
  ...Object.fromEntries(
    [
      'contracts',
      'spec',
      'graph',
      'models',
      'methods',
      'optimizers',
      'storage',
      'sources',
      'data',
      'training',
      'onnxruntime',
      's3',
    ]
      .concat('inference', 'services', 'client', 'cli', 'nx', 'telemetry', 'codec', 'connection', 'testing')
      .map((scope) => [`libs/${scope}/**`, scope]),
  ),
};
