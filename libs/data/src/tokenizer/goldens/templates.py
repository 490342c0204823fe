"""Writes test/corpus/templates/cases.json: what transformers makes of conversations with each template.

    pip install transformers jinja2
    python templates.py [FOLDER_OF_PUBLIC_TEMPLATES]

A template lies there with `{% generation %}` round what is learnt, so what is learnt is transformers' own assistant mask;
taken out again (`unmarked`), it is the template that the cases render. Public templates lie in the folder as their makers
publish them, with `marks.json`: {file: {"origin": where it is from, "edits": [[old, new], …]}}, whose edits put the blocks in.
The clock stands at 26 July 2024.
"""
import datetime
import hashlib
import json
import pathlib
import re
import sys

import transformers.utils.chat_template_utils as chat
from transformers import PreTrainedTokenizerFast

HERE = pathlib.Path(__file__).parent
CORPUS = HERE.parents[4] / "test" / "corpus" / "templates"


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2024, 7, 26)


chat.datetime = Clock
CONVERSATIONS = json.loads((CORPUS / "conversations.json").read_text())
fast = PreTrainedTokenizerFast(tokenizer_file=str(HERE / "chat" / "tokenizer.json"))
config = json.loads((HERE / "chat" / "tokenizer_config.json").read_text())
for name in ("bos_token", "eos_token", "pad_token"):
    setattr(fast, name, config[name])


def unmarked(source):
    return re.sub(r"\{% (end)?generation %\}", "", source.replace("{%- generation %}{{", "{{-"))


def digest(ids):
    return hashlib.sha256(json.dumps(ids, separators=(",", ":")).encode()).hexdigest()[:16]


def joined(messages):
    """Contents in parts as texts, for templates that take texts alone."""
    join = lambda content: "".join(p["text"] for p in content) if isinstance(content, list) else content
    return [{**m, "content": join(m.get("content"))} for m in messages]


def counts(message):
    said = (message.get("content") or "") or message.get("tool_calls") or message.get("reasoning_content")
    text = joined([message])[0]["content"]
    empty = not said or (isinstance(text, str) and not text.strip() and not message.get("tool_calls"))
    return message["role"] == "assistant" and message.get("weight") != 0 and message.get("train") is not False and not empty


OPEN, CLOSE = "\ue000", "\ue001"


def blocks_of(marked, messages, tools):
    """The text, and where its blocks are. Signs in their place find them in macros too, where transformers loses count."""
    signed = re.sub(r"\{%- generation %\}\{\{", "{{- '" + OPEN + "' }}{{", marked)
    signed = re.sub(r"\{%(-?) generation (-?)%\}\n?", r"{{\1 '" + OPEN + r"' \2}}", signed)
    signed = re.sub(r"\{%(-?) endgeneration (-?)%\}\n?", r"{{\1 '" + CLOSE + r"' \2}}", signed)
    signed = fast.apply_chat_template(messages, tools=tools, chat_template=signed, tokenize=False)
    text, blocks = "", []
    for piece in re.split(f"([{OPEN}{CLOSE}])", signed):
        if piece == OPEN:
            blocks.append([len(text), None])
        elif piece == CLOSE:
            blocks[-1][1] = len(text)
        else:
            text += piece
    return text, [tuple(block) for block in blocks]


def expected(marked, source, conversation):
    messages, tools = conversation["messages"], conversation.get("tools")
    render = lambda template: fast.apply_chat_template(messages, tools=tools, chat_template=template, tokenize=False)
    if any(p.get("type") == "image" for m in messages if isinstance(m["content"], list) for p in m["content"]):
        return {"left": "notText"}
    try:
        if any(isinstance(m["content"], list) for m in messages) and "[{'type'" in render(marked):
            raise TypeError
        text = render(source)
    except Exception:
        try:
            messages = joined(messages)
            text = render(source)
        except Exception:
            return {"left": "templateRefuses"}
    signed, blocks = blocks_of(marked, messages, tools)
    assert signed == text == render(marked), marked
    encoding = fast(text, add_special_tokens=False)
    ids = encoding["input_ids"]
    if "{% macro" not in marked and "{% set all %}" not in marked:
        mask = fast.apply_chat_template(
            messages, tools=tools, chat_template=marked, return_assistant_tokens_mask=True, return_dict=True
        )["assistant_masks"]
        assert mask == kept(encoding, blocks), (marked, mask, blocks)
    # Blocks one after the other are those of the answers; what is behind the last answer is of that one.
    answers = [m for m in messages if m["role"] == "assistant"]
    learnt = [block for i, block in enumerate(blocks) if counts(answers[min(i, len(answers) - 1)])]
    labels = [token if keep else -100 for token, keep in zip(ids, kept(encoding, learnt))]
    said = fast.decode([token for token in labels if token != -100], clean_up_tokenization_spaces=False)
    return {"ids": digest(ids), "labels": digest(labels), "learnt": said}


def kept(encoding, blocks):
    """As transformers makes its assistant mask."""
    mask = [0] * len(encoding["input_ids"])
    for start, end in blocks:
        if start < end:
            for t in range(encoding.char_to_token(start), encoding.char_to_token(end - 1) + 1):
                mask[t] = 1
    return mask


# What a template leaves out, which its mask cannot say.
NOT_WRITTEN = {
    "drops-system": {"system"},
    "in-a-macro": {"tools"},
}


def writes(name, source, conversation):
    """The reason for which a conversation is left out although transformers renders it."""
    wanted = [m for m in conversation["messages"] if m.get("tool_calls")]
    if conversation.get("tools") and "tools" not in re.sub(r"\{#.*?#\}", "", source):
        return "messageNotWritten"
    if wanted and "tool_calls" not in source:
        return "messageNotWritten"
    reasoned = any(m.get(k) for m in conversation["messages"] for k in ("reasoning_content", "reasoning"))
    if reasoned and not any(k in source for k in ("reasoning_content", "reasoning", "thinking")):
        return "messageNotWritten"
    if conversation["name"] in NOT_WRITTEN.get(name, ()):
        return "messageNotWritten"
    return None


def case(name, marked, source, given):
    outcomes = {}
    for conversation in CONVERSATIONS:
        outcome = expected(marked, source, conversation)
        reason = writes(name, source, conversation)
        if "left" not in outcome and reason:
            outcome = {"left": reason}
        outcomes[conversation["name"]] = outcome
    return {"name": name, **given, "expect": {"ok": outcomes}}


cases = []
for file in sorted(CORPUS.glob("*.jinja")):
    marked = file.read_text()
    source = marked if file.stem.startswith("own-") else unmarked(marked)
    given = {"input": {"files": [file.name, "conversations.json"]}}
    cases.append(case(file.stem, marked, source, given))
if len(sys.argv) > 1:
    folder = pathlib.Path(sys.argv[1])
    marks = json.loads((folder / "marks.json").read_text())
    for file, mark in marks.items():
        source = marked = (folder / file).read_text()
        for old, new in mark["edits"]:
            assert old in marked, (file, old)
            marked = marked.replace(old, new)
        given = {
            "origin": mark["origin"],
            "input": {"files": ["conversations.json"], "public": [f"templates/{file}"]},
        }
        NOT_WRITTEN[file] = set(mark.get("notWritten", ()))
        cases.append(case(file, marked, source, given))
(CORPUS / "cases.json").write_text(json.dumps(cases, indent=1, ensure_ascii=False) + "\n")
print(len(cases), "templates")
