"""Makes the small tokenizers and the ids that Hugging Face's Python libraries give for them.

    pip install tokenizers transformers jinja2
    python make.py

chat/: byte-level BPE with single digits and SmolLM2's chat template; plain/: the same without a template,
with a space before every text;
bert/: WordPiece with BERT's normaliser and [CLS] … [SEP].
"""
import json
import pathlib

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

HERE = pathlib.Path(__file__).parent

CORPUS = """A tokenizer reads text and writes numbers. The numbers are small, the text is long.
How many apples are there? There are 12 apples, and 7 pears; 19 pieces of fruit in all.
What is the capital of France? The capital of France is Paris. Naïve façade, Zürich, œuvre.
You are a helpful AI assistant named SmolLM, trained by Hugging Face
user assistant system"""

TEXTS = [
    "",
    " ",
    "How many apples are there?",
    "  leading and trailing  ",
    "12 apples + 7 pears = 19",
    "Naïve façade — “quoted” … 😀👍🏽",
    "line one\nline two\r\n\n\ttabbed",
    "日本語のテキスト and русский текст",
    "THE CAPITAL of France's WON'T",
    "e\u0301 combining, \u200bzero width, \x00control",
    "a" * 150,
    "<|im_start|>user\nspecial tokens in text<|im_end|> [SEP] [MASK]",
]

TEMPLATE = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\n"
    "You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

CHATS = [
    [("user", "How many apples are there?"), ("assistant", "12 apples.")],
    [("system", "Be short."), ("user", "What is the capital?"), ("assistant", "Paris — œuvre 😀")],
    [("user", "one"), ("assistant", "1"), ("user", "two"), ("assistant", "2"), ("user", "three")],
]


def byte_level(add_prefix_space=False):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([CORPUS], trainer)
    return tokenizer


def bert():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=200, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False
    )
    tokenizer.train_from_iterator([CORPUS], trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    # As MiniLM's file does; the loader must not follow it.
    tokenizer.enable_padding(length=128)
    tokenizer.enable_truncation(max_length=128)
    return tokenizer


def save(name, tokenizer, config):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    texts = [
        {
            "text": text,
            "ids": tokenizer.encode(text).ids,
            "bare": tokenizer.encode(text, add_special_tokens=False).ids,
            "decoded": tokenizer.decode(tokenizer.encode(text).ids),
        }
        for text in TEXTS
    ]
    tokenizer.enable_truncation(max_length=8)
    for case in texts:
        case["first8"] = tokenizer.encode(case["text"]).ids
    tokenizer.no_truncation()
    return texts


def chats(tokenizer):
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|im_end|>", chat_template=TEMPLATE)
    encode = lambda text: fast(text, add_special_tokens=False)["input_ids"]
    cases = []
    for chat in CHATS:
        messages = [{"role": role, "content": content} for role, content in chat]
        ids = encode(fast.apply_chat_template(messages, tokenize=False))
        labels = [-100] * len(ids)
        for i, (role, _) in enumerate(chat):
            if role == "assistant":
                opened = fast.apply_chat_template(messages[:i], tokenize=False, add_generation_prompt=True)
                closed = fast.apply_chat_template(messages[: i + 1], tokenize=False)
                start, end = len(encode(opened)), len(encode(closed))
                labels[start:end] = ids[start:end]
        cases.append({"messages": messages, "ids": ids, "labels": labels})
    return cases


tokens = {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>", "pad_token": "<|im_end|>"}
goldens = {
    "chat": save("chat", byte_level(), {**tokens, "chat_template": TEMPLATE}),
    "plain": save("plain", byte_level(add_prefix_space=True), {"eos_token": {"content": "<|endoftext|>"}}),
    "bert": save("bert", bert(), {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}),
    "conversations": chats(byte_level()),
}
(HERE / "goldens.json").write_text(json.dumps(goldens))
