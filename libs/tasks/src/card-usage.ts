import type { CardModel } from './task.js';

export const autoClassifier = 'AutoModelForSequenceClassification';

/** Lines that load a sequence classifier of so many classes (a Python expression) and give it the example. */
export const loadClassifier = (
  { folder, base, maxLength, prompt }: CardModel,
  classes: string,
): readonly string[] => [
  ...(base
    ? [
        '# The head comes with the adapter: whatever head the base model has gives way to one of as many labels.',
        `base = ${autoClassifier}.from_pretrained(`,
        `    "${base}", num_labels=${classes}, ignore_mismatched_sizes=True`,
        ')',
        `model = PeftModel.from_pretrained(base, "${folder}").eval()`,
      ]
    : [`model = ${autoClassifier}.from_pretrained("${folder}").eval()`]),
  `inputs = tokenizer("${prompt}", truncation=True, max_length=${maxLength}, return_tensors="pt")`,
  'with torch.no_grad():',
];

/** The labels are those of temper.json: however many, whatever is in them. */
export const loadLabels = ({ folder }: CardModel): readonly string[] => [
  `with open("${folder}/temper.json", encoding="utf-8") as file:`,
  '    labels = json.load(file)["labelNames"]',
];
