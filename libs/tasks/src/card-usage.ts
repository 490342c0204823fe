import type { CardModel } from './task.js';

export const autoClassifier = 'AutoModelForSequenceClassification';

/** Lines that load a model; of a head with a row a class, so many classes (a Python expression). */
export const loadModel = (
  { folder, base }: CardModel,
  autoClass: string,
  classes?: string,
): readonly string[] => {
  if (!base) return [`model = ${autoClass}.from_pretrained("${folder}").eval()`];
  const loadBase = classes
    ? [
        '# The head comes with the adapter: whatever head the base model has gives way to one of as many labels.',
        `base = ${autoClass}.from_pretrained(`,
        `    "${base}", num_labels=${classes}, ignore_mismatched_sizes=True`,
        ')',
      ]
    : [`base = ${autoClass}.from_pretrained("${base}")`];
  return [...loadBase, `model = PeftModel.from_pretrained(base, "${folder}").eval()`];
};

/** Lines that load a sequence classifier and give it the example. */
export const loadClassifier = (model: CardModel, classes: string): readonly string[] => [
  ...loadModel(model, autoClassifier, classes),
  `inputs = tokenizer("${model.prompt}", truncation=True, max_length=${model.maxLength}, return_tensors="pt")`,
  'with torch.no_grad():',
];

/** The labels are those of temper.json: however many, whatever is in them. */
export const loadLabels = ({ folder }: CardModel): readonly string[] => [
  `with open("${folder}/temper.json", encoding="utf-8") as file:`,
  '    labels = json.load(file)["labelNames"]',
];
