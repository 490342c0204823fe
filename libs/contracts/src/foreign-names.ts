import { plainName } from './nearest.js';

/**
 * Field names of Hugging Face's TrainingArguments and TRL, of PEFT's configurations, of Axolotl and LLaMA-Factory, and
 * where the same thing is said in a pipeline spec. An upper-case first letter begins a sentence: it is said nowhere.
 */
const foreign: Readonly<Record<string, string>> = {
  // TrainingArguments (transformers 5)
  num_train_epochs: 'training.epochs',
  per_device_train_batch_size: 'training.trainBatchSize',
  per_gpu_train_batch_size: 'training.trainBatchSize',
  per_device_eval_batch_size: 'training.evalBatchSize',
  per_gpu_eval_batch_size: 'training.evalBatchSize',
  max_steps: 'training.maxSteps',
  learning_rate: 'training.learningRate',
  lr_scheduler_type: 'training.scheduler',
  lr_scheduler: 'training.scheduler',
  optim: 'training.optimizer',
  adam_beta1: 'training.adamBeta1',
  adam_beta2: 'training.adamBeta2',
  adam_epsilon: 'training.adamEpsilon',
  evaluation_strategy: 'training.evalStrategy',
  eval_strategy: 'training.evalStrategy',
  eval_steps: 'training.evalSteps',
  save_steps: 'training.saveSteps',
  logging_steps: 'training.logSteps',
  load_best_model_at_end: 'training.loadBestModelAtEnd',
  metric_for_best_model: 'training.metricForBestModel',
  max_grad_norm: 'training.maxGradNorm',
  train_sampling_strategy: 'training.groupByLength',
  group_by_length: 'training.groupByLength',
  data_seed: 'training.seed',
  random_seed: 'training.seed',
  activation_checkpointing: 'training.gradientCheckpointing',
  run_name: 'name',
  hub_model_id: 'publish.model',
  output_dir: 'publish.model, the name in the registry',
  label_smoothing_factor: 'Label smoothing is not supported yet',
  greater_is_better: 'It follows from training.metricForBestModel',
  save_strategy: 'training.saveSteps',
  save_total_limit: 'Old checkpoints are kept in the store',
  logging_strategy: 'training.logSteps',
  resume_from_checkpoint: 'A run resumes by itself; from another run: temper runs fork',
  report_to: 'Metrics are kept with the run (temper runs metrics) and offered to Prometheus',
  push_to_hub: 'Files to upload are written by temper models export',
  use_cpu: 'resources.pool: cpu',
  no_cuda: 'resources.pool: cpu',
  device: 'resources.pool',
  dataloader_num_workers: 'Batches are prepared by the trainer itself',
  preprocessing_num_workers: 'Tokenisation uses all cores by itself',
  dataset_num_proc: 'Tokenisation uses all cores by itself',
  deepspeed: 'One run trains on one device',
  fsdp: 'One run trains on one device',
  torch_compile: 'The training graph is always compiled',
  bf16: 'Training computes in fp32; leave it out',
  fp16: 'Training computes in fp32; leave it out',
  tf32: 'Training computes in fp32; leave it out',
  // TRL
  max_seq_length: 'tokenize.maxLength',
  max_length: 'tokenize.maxLength',
  max_prompt_length: 'tokenize.maxLength, of prompt and completion together',
  packing: 'tokenize.packing',
  dataset_text_field: 'dataset.columns.text',
  completion_only_loss:
    'Only completions are counted where dataset.columns has {prompt, completion} or {messages}',
  assistant_only_loss: 'Only the assistant is counted where dataset.columns has {messages}',
  // PEFT
  peft_type: 'method.type',
  task_type: 'task',
  rank: 'method.r',
  lora_alpha: 'method.alpha',
  lora_dropout: 'method.dropout',
  target_modules: 'method.targetModules',
  adapter_name_or_path: 'method.initFrom',
  base_model_name_or_path: 'model.base',
  // Axolotl
  base_model: 'model.base',
  model_type: 'It is read from the base model',
  tokenizer_type: 'It is read from the base model',
  adapter: 'method.type',
  lora_r: 'method.r',
  lora_target_modules: 'method.targetModules',
  lora_target_linear: 'method.targetModules, a list of module names',
  lora_model_dir: 'method.initFrom',
  num_epochs: 'training.epochs',
  n_epochs: 'training.epochs',
  micro_batch_size: 'training.trainBatchSize',
  batch_size: 'training.trainBatchSize',
  eval_batch_size: 'training.evalBatchSize',
  sequence_len: 'tokenize.maxLength',
  sample_packing: 'tokenize.packing',
  datasets: 'dataset.train',
  test_datasets: 'dataset.validation',
  val_set_size: 'dataset.split.validation',
  dataset_prepared_path: 'Prepared data is cached by itself',
  train_on_inputs:
    'Only completions are counted where dataset.columns has {prompt, completion} or {messages}',
  chat_template: "The model's own template is used",
  early_stopping_patience: 'training.earlyStoppingPatience',
  load_in_8bit: 'model.precision',
  load_in_4bit: 'model.precision',
  quantization: 'model.precision',
  wandb_project: 'Metrics are kept with the run (temper runs metrics) and offered to Prometheus',
  // LLaMA-Factory
  model_name_or_path: 'model.base',
  model_name: 'model.base',
  tokenizer_name: 'It is read from the base model',
  finetuning_type: 'method.type',
  stage: 'task',
  lora_rank: 'method.r',
  lora_target: 'method.targetModules',
  cutoff_len: 'tokenize.maxLength',
  template: "The model's own template is used",
  val_size: 'dataset.split.validation',
  eval_dataset: 'dataset.validation',
  train_file: 'dataset.train',
  validation_file: 'dataset.validation',
  test_file: 'dataset.test',
  max_samples: 'dataset.limit',
  max_train_samples: 'dataset.limit',
  // Short words that people write
  lr: 'training.learningRate',
  epoch: 'training.epochs',
  steps: 'training.maxSteps',
  gpu: 'resources.pool',
};

const byPlainName = new Map(Object.entries(foreign).map(([name, place]) => [plainName(name), place]));

const inWords = (place: string) => (/^[A-Z]/.test(place) ? place : `here: ${place}`);

/** `here: training.epochs` for `num_train_epochs`, or why there is no such field. */
export function foreignName(name: string): string | undefined {
  const place = byPlainName.get(plainName(name));
  return place && inWords(place);
}

export const foreignHints = (): string[] => Object.values(foreign).map(inWords);
