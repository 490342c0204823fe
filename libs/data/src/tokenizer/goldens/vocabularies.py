"""Makes vocabularies.json: folders with a vocabulary and no tokenizer.json, and the ids that transformers gives to texts
with them, with and without special tokens.

    pip install transformers tokenizers sentencepiece protobuf
    python vocabularies.py
"""

import base64
import io
import json
import pathlib
import tempfile

import sentencepiece
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import AutoTokenizer

CORPUS = """The quick brown fox jumps over the lazy dog, and the dog's owner doesn't mind: it's 12:30 in 2024.
Hello world! Hello, tokenizers; walking and talking, tested texts in the lowest test.
Größe über Straße: café crème, naïve façade. Ça va? Où est l'été?
Привет, мир! Москва слезам не верит. Привет ещё раз.
你好，世界。机器学习很有趣。你好世界
こんにちは世界。トークナイザー
🙂 🎉 emoji 🙂🙂
def main(x):\n\treturn x + 1  # four    spaces
""".split("\n") * 8
TEXTS = [
    "Hello world, it's the quick brown fox!",
    "  two  spaces, three   spaces and a trailing one ",
    "tabs\tand\nlines\r\n\r\n  and\n\n\nmore\u00a0here\u3000too",
    "Größe café cafe\u0301 naïve É ß İ ﬁ Ａ１ ½",
    "你好，世界 こんにちは 🙂🎉 👩‍👩‍👧 Привет",
    "1234567 12,5 2024-01-02 3.14",
    "control \u0000 \u0007 \ufffd \u200b\u200d\ufeff chars",
    "<s>hello</s> <pad><unk> <mask> [MASK] [CLS]x[SEP] <|endoftext|> <bos>a<eos> <new> <NEW>x <x><user> <extra_id_0>",
    "it's IT'S we'll they've I'd \u2019s don't ``quoted'' text",
    "",
    " ",
    "a" * 120,
    "▁hello ▁▁ <0x41> <0x0A>",
    "Āē ḍ̇ 한국어 ไทย हिन्दी العربية",
]


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "<|endoftext|>", "<x>"]
    trainer = trainers.BpeTrainer(vocab_size=420, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    merges = "#version: 0.2\n" + "".join(" ".join(merge) + "\n" for merge in model["merges"])
    return {"vocab.json": json.dumps(model["vocab"], ensure_ascii=False), "merges.txt": merges}


def pieces(kind, **more):
    model = io.BytesIO()
    # A few rules keep the map small.
    rules = tempfile.NamedTemporaryFile("w", suffix=".tsv")
    rules.write("FB01\t66 69\nFF21\t41\nFF11\t31\n41\t61\n3000\t20\nA0\t20\n9\t20\n")
    rules.flush()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([line for line in CORPUS if line]), model_writer=model, model_type=kind, minloglevel=2,
        **({} if "normalization_rule_name" in more else {"normalization_rule_tsv": rules.name}), **{"vocab_size": 330, "num_threads": 1, "hard_vocab_limit": False, "character_coverage": 0.995, **more},
    )
    return base64.b64encode(model.getvalue()).decode()


IDENTITY = {"normalization_rule_name": "identity", "byte_fallback": True, "vocab_size": 480, "remove_extra_whitespaces": False}
LLAMA = pieces("bpe", **{**IDENTITY, "user_defined_symbols": ["<user>"]})
GEMMA = pieces("bpe", **IDENTITY, pad_id=0, eos_id=1, bos_id=2, unk_id=3, pad_piece="<pad>", eos_piece="<eos>", bos_piece="<bos>",
               user_defined_symbols=["<mask>", "<user>", "\n\n"], add_dummy_prefix=False)
UNIGRAM = pieces("unigram", vocab_size=260)
BYTES = pieces("unigram", byte_fallback=True, vocab_size=480)
DEBERTA = pieces("unigram", vocab_size=260, pad_id=0, bos_id=1, eos_id=2, unk_id=3, pad_piece="[PAD]", bos_piece="[CLS]", eos_piece="[SEP]", unk_piece="[UNK]")
T5 = pieces("unigram", vocab_size=260, pad_id=0, eos_id=1, unk_id=2, bos_id=-1, pad_piece="<pad>")
ALBERT = pieces("unigram", vocab_size=260, pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, pad_piece="<pad>", control_symbols=["[CLS]", "[SEP]", "[MASK]"])
WORDS = "<s> <pad> </s> [UNK] hello world ##ing it ' s the quick brown fox ! , two ##s cafe café é e ##e 你 好 a ##a <mask>".split()
VOCABULARIES = {
    "byte-level": byte_level(),
    "words": {"vocab.txt": "\n".join(WORDS) + "\n"},
    "llama": {"tokenizer.model": LLAMA},
    "gemma": {"tokenizer.model": GEMMA},
    "unigram": {"sentencepiece.bpe.model": UNIGRAM},
    "unigram bytes": {"tokenizer.model": BYTES},
    "deberta": {"spm.model": DEBERTA},
    "t5": {"spiece.model": T5},
    "albert": {"spiece.model": ALBERT},
}


def added(content, **more):
    return {"content": content, "lstrip": False, "rstrip": False, "normalized": False, "single_word": False, **more}


def case(name, vocabulary, model_type, **files):
    return name, vocabulary, {f"{k}.json": json.dumps(v) for k, v in {"config": {"model_type": model_type}, **files}.items()}


NEW = {"additional_special_tokens": ["<x>", "<new>"]}
DECODER = {"0": added("<s>", special=True), "3": added("<unk>", special=True), "420": added("<new>", special=True), "421": added("<NEW>", special=False, normalized=True, lstrip=True)}
CASES = [
    case("GPT-2 by its kind of model", "byte-level", "gpt2"),
    case("GPT-2 with a space before the text, and a BOS token", "byte-level", "gpt2", tokenizer_config={"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": True, "add_bos_token": True}),
    case("OPT, whose BOS token is </s>", "byte-level", "opt", tokenizer_config={"tokenizer_class": "GPT2Tokenizer", "add_bos_token": True, "bos_token": added("</s>", __type="AddedToken", normalized=True), "unk_token": added("</s>", __type="AddedToken"), "pad_token": "<pad>"}),
    case("GPT-2 with BOS and EOS, and further tokens", "byte-level", "gpt2", tokenizer_config={"add_bos_token": True, "add_eos_token": True, **NEW}, special_tokens_map={"bos_token": "<s>", "eos_token": added("</s>")}),
    case("GPT-2 of an unregistered kind of model", "byte-level", "llama", tokenizer_config={"tokenizer_class": "GPT2TokenizerFast"}),
    case("RoBERTa", "byte-level", "roberta"),
    case("RoBERTa with a mask that takes the space before it", "byte-level", "roberta", tokenizer_config={"mask_token": added("<mask>", __type="AddedToken", lstrip=True), "add_prefix_space": True, "trim_offsets": False}),
    case("RoBERTa with other tokens round a text", "byte-level", "roberta", special_tokens_map={"cls_token": "<x>", "sep_token": "<new>"}, added_tokens={"<new>": 420}),
    case("BART", "byte-level", "bart", tokenizer_config={"tokenizer_class": "BartTokenizer"}),
    case("DeBERTa", "byte-level", "deberta"),
    case("GPT-NeoX", "byte-level", "gpt_neox"),
    case("GPT-NeoX with a BOS token and its added tokens", "byte-level", "gpt_neox", tokenizer_config={"tokenizer_class": "GPTNeoXTokenizer", "add_bos_token": True, "bos_token": "<s>", "added_tokens_decoder": DECODER}),
    case("Qwen 2", "byte-level", "qwen2"),
    case("Qwen 2 of files that name another class", "byte-level", "qwen2", tokenizer_config={"tokenizer_class": "GPT2Tokenizer"}),
    case("Qwen 3 with its added tokens", "byte-level", "qwen3", tokenizer_config={"tokenizer_class": "Qwen2Tokenizer", "add_bos_token": False, "bos_token": None, "eos_token": "<new>", "pad_token": "<|endoftext|>", "added_tokens_decoder": DECODER}),
    case("Command R", "byte-level", "cohere", tokenizer_config={"tokenizer_class": "CohereTokenizer", "add_bos_token": True, "bos_token": "<s>"}),
    case("MPNet", "words", "mpnet"),
    case("MPNet, cased, with its accents", "words", "mpnet", tokenizer_config={"tokenizer_class": "MPNetTokenizer", "do_lower_case": False, "strip_accents": False, "tokenize_chinese_chars": False}),
    case("MPNet without white space before its mask", "words", "mpnet", special_tokens_map={"mask_token": added("<mask>", lstrip=False), "pad_token": "<new>"}),
    case("Llama 2", "llama", "llama", tokenizer_config={"tokenizer_class": "LlamaTokenizer", "legacy": False, "add_bos_token": True, "add_eos_token": False}),
    case("Llama 2, legacy", "llama", "llama", tokenizer_config={"tokenizer_class": "LlamaTokenizer", "legacy": True, "add_bos_token": True, "add_eos_token": True}),
    case("Llama 2 that says nothing more", "llama", "llama", tokenizer_config={"tokenizer_class": "LlamaTokenizerFast"}),
    case("Llama without a space before the text, and further tokens", "llama", "llama", tokenizer_config={"tokenizer_class": "LlamaTokenizer", "add_prefix_space": False, "pad_token": "<pad>", **NEW}),
    case("Llama with its added tokens", "llama", "llama", tokenizer_config={"tokenizer_class": "LlamaTokenizer", "added_tokens_decoder": {"0": added("<unk>", special=True), "1": added("<s>", special=True), "2": added("</s>", special=True), "480": added("<new>", special=False, normalized=True)}}),
    case("Llama of added_tokens.json and special_tokens_map.json", "llama", "llama", tokenizer_config={"tokenizer_class": "LlamaTokenizer"}, added_tokens={"<new>": 480, "<NEW>": 481}, special_tokens_map={"pad_token": "<NEW>", "additional_special_tokens": ["<x>"]}),
    case("no class for a Llama", "llama", "llama"),
    case("Mistral, which is read without a class of its own", "llama", "mistral", tokenizer_config={"tokenizer_class": "LlamaTokenizer", "add_bos_token": True, "legacy": True}),
    case("Phi-3 with placeholders renamed", "llama", "phi3", tokenizer_config={"tokenizer_class": "LlamaTokenizer", "add_bos_token": True, "added_tokens_decoder": {"3": added("<|user|>", special=True), "480": added("<new>", special=True, rstrip=True)}}),
    case("Gemma", "gemma", "gemma3_text", tokenizer_config={"tokenizer_class": "GemmaTokenizer", "add_bos_token": True}),
    case("Gemma by its kind of model", "gemma", "gemma2"),
    case("XLM-R", "unigram", "xlm-roberta"),
    case("XLM-R with settings", "unigram", "xlm-roberta", tokenizer_config={"tokenizer_class": "XLMRobertaTokenizer", "mask_token": added("<mask>", __type="AddedToken", lstrip=True), "add_prefix_space": False, **NEW}),
    case("CamemBERT", "unigram", "camembert"),
    case("CamemBERT with a mask of another name", "unigram", "camembert", tokenizer_config={"mask_token": "<new>"}),
    case("added tokens that are special to one file and not to the other", "llama", "llama", tokenizer_config={"tokenizer_class": "LlamaTokenizer", "additional_special_tokens": ["<new>"], "added_tokens_decoder": {"480": added("<new>", special=False, normalized=True), "481": added("<x>", special=False, rstrip=True)}}),
    case("a unigram model that nothing names the class of", "unigram bytes", "unheard-of", tokenizer_config={"tokenizer_class": "PreTrainedTokenizerFast", "add_eos_token": True}),
    case("DeBERTa v3", "deberta", "deberta-v2"),
    case("DeBERTa v2, lower case, split by punctuation", "deberta", "deberta-v2", tokenizer_config={"tokenizer_class": "DebertaV2Tokenizer", "do_lower_case": True, "split_by_punct": True, "add_prefix_space": False}),
    case("T5", "t5", "t5"),
    case("T5 with fewer sentinels", "t5", "t5", tokenizer_config={"tokenizer_class": "T5Tokenizer", "extra_ids": 3}),
    case("T5 that lists its sentinels", "t5", "mt5", tokenizer_config={"tokenizer_class": "T5Tokenizer", "extra_ids": 2, "additional_special_tokens": ["<extra_id_0>", "<extra_id_1>"]}),
    case("ALBERT", "albert", "albert"),
    case("ALBERT, cased, with its accents", "albert", "albert", tokenizer_config={"do_lower_case": False, "keep_accents": True}),
]


def main():
    import sys

    found = []
    for name, vocabulary, files in CASES:
        with tempfile.TemporaryDirectory() as folder:
            for file, text in {**VOCABULARIES[vocabulary], **files}.items():
                data = base64.b64decode(text) if file.endswith(".model") else text.encode()
                pathlib.Path(folder, file).write_bytes(data)
            tokenizer = AutoTokenizer.from_pretrained(folder)
            if len(sys.argv) > 1:
                out = pathlib.Path(sys.argv[1], name.replace("/", "_") + ".json")
                out.write_text(tokenizer._tokenizer.to_str(pretty=True))
            ids = [tokenizer(text)["input_ids"] for text in TEXTS]
            bare = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in TEXTS]
        found.append({"name": name, "vocabulary": vocabulary, "files": files, "ids": ids, "bare": bare})
    content = {"texts": TEXTS, "vocabularies": VOCABULARIES, "cases": found}
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n")


main()
