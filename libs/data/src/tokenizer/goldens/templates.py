"""Writes test/corpus/templates/cases.json: what transformers makes of conversations with each template.

    pip install transformers jinja2
    python templates.py [FOLDER]
    npx prettier --write test/corpus/templates/cases.json

A template lies there with `{% generation %}` round what is learnt, so what is learnt is transformers' own assistant mask;
taken out again (`unmarked`), it is the template that the cases render. Public templates lie in FOLDER, as
TEMPER_PUBLIC_CORPUS (test/corpus/README.md); the edits of public.json put the blocks into those, and change no text. Without
FOLDER their cases stay as they are. The clock stands at 26 July 2024.
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


# Where blocks have no place in the template itself: its copy that has them.
EDITS = {
    "kept-in-a-variable": [
        ["{% set ns = namespace(text=bos_token) %}", "{{ bos_token }}"],
        ["{% set ns.text = ns.text + '<|' + message.role + '|>' +", "{{ '<|' + message.role + '|>' }}{% set text ="],
        ["'<|end|>' %}", "'<|end|>' %}{% if message.role == 'assistant' %}{% generation %}{{ text }}{% endgeneration %}{% else %}{{ text }}{% endif %}"],
        ["{{ ns.text }}", ""],
    ]
}


def edited(source, edits):
    for old, new in edits:
        assert old in source, old
        source = source.replace(old, new)
    return source


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
# Blocks whose place transformers does not know: in what is written into a variable, or in a macro.
LOSES_COUNT = re.compile(r"\{%-? (set \w+ -?%\}|macro (turn|all)).*generation", re.S)


def blocks_of(marked, messages, tools):
    """The text, and where its blocks are. Signs at their ends find them in macros too, where transformers loses count."""
    sign = lambda of: r"{%\1 if true %}" + of + r"{% endif \2%}"
    signed = re.sub(r"\{%(-?) generation (-?)%\}", lambda m: m[0] + m.expand(sign(OPEN)), marked)
    signed = re.sub(r"\{%(-?) endgeneration (-?)%\}", lambda m: m.expand(sign(CLOSE)) + m[0], signed)
    signed = fast.apply_chat_template(messages, tools=tools, chat_template=signed, tokenize=False)
    text, blocks = "", []
    for piece in re.split(f"([{OPEN}{CLOSE}])", signed):
        if piece == OPEN:
            blocks.append([len(text), None])
        elif piece == CLOSE:
            blocks[-1][1] = len(text)
            # What is written in several blocks is one answer.
            if len(blocks) > 1 and blocks[-2][1] == blocks[-1][0]:
                end = blocks.pop()[1]
                blocks[-1][1] = end
        else:
            text += piece
    return text, [tuple(block) for block in blocks]


def expected(marked, source, conversation):
    messages, tools = conversation["messages"], conversation.get("tools")
    joins = False
    render = lambda template: fast.apply_chat_template(messages, tools=tools, chat_template=template, tokenize=False)
    if any(p.get("type") == "image" for m in messages if isinstance(m.get("content"), list) for p in m.get("content")):
        return {"left": "notText"}, joins
    try:
        if any(isinstance(m.get("content"), list) for m in messages) and "[{'type'" in render(marked):
            raise TypeError
        text = render(source)
    except Exception:
        try:
            messages, joins = joined(messages), True
            text = render(source)
        except Exception:
            return {"left": "templateRefuses"}, joins
    signed, blocks = blocks_of(marked, messages, tools)
    assert signed == text == render(marked), (signed, text, render(marked))
    encoding = fast(text, add_special_tokens=False)
    ids = encoding["input_ids"]
    if not LOSES_COUNT.search(marked):
        mask = fast.apply_chat_template(
            messages, tools=tools, chat_template=marked, return_assistant_tokens_mask=True, return_dict=True
        )["assistant_masks"]
        assert mask == kept(encoding, blocks), (text, mask, blocks)
    # Blocks one after the other are those of the answers; what is behind the last answer is of that one.
    answers = [m for m in messages if m["role"] == "assistant"]
    learnt = [block for i, block in enumerate(blocks) if counts(answers[min(i, len(answers) - 1)])]
    labels = [token if keep else -100 for token, keep in zip(ids, kept(encoding, learnt))]
    said = fast.decode([token for token in labels if token != -100], clean_up_tokenization_spaces=False)
    outcome = {"ids": digest(ids), "labels": digest(labels), "learnt": said}
    if learnt and (prompt := asked(source, conversation, text[: learnt[0][0]], ids)):
        outcome["prompt"] = digest(prompt)
    return outcome, joins


def asked(source, conversation, before, ids):
    """
    What a model is given to write the first answer that is learnt, where that is what stands in front of it. A template may ask
    otherwise than it writes (with the beginning of a thought, a reminder, nothing), and a token may lie across.
    """
    messages, tools = conversation["messages"], conversation.get("tools")
    first = next(i for i, message in enumerate(messages) if counts(message))
    try:
        text = fast.apply_chat_template(
            messages[:first], tools=tools, chat_template=source, tokenize=False, add_generation_prompt=True
        )
    except Exception:
        return None
    prompt = fast(text, add_special_tokens=False)["input_ids"]
    return prompt if text == before and ids[: len(prompt)] == prompt else None


def kept(encoding, blocks):
    """As transformers makes its assistant mask."""
    mask = [0] * len(encoding["input_ids"])
    for start, end in blocks:
        if start < end:
            for t in range(encoding.char_to_token(start), encoding.char_to_token(end - 1) + 1):
                mask[t] = 1
    return mask


MARK = "Zq7Zq"


def writes(source, conversation, joins):
    """The reason for which a conversation is left out although transformers renders it: a mark in its place is not written."""
    messages, tools = conversation["messages"], conversation.get("tools")
    messages = joined(messages) if joins else messages

    def written(messages, tools):
        try:
            text = fast.apply_chat_template(messages, tools=tools, chat_template=source, tokenize=False)
            return MARK.lower() in text.lower()
        except Exception:
            return True

    def marked(i, **fields):
        return [{**m, **fields} if k == i else m for k, m in enumerate(messages)]

    if tools and not written(messages, [{**tools[0], "function": {**tools[0]["function"], "name": MARK}}]):
        return "messageNotWritten"
    for i, message in enumerate(messages):
        content = message.get("content")
        calls = message.get("tool_calls") or []
        for k, call in enumerate(calls):
            named = {**call, "function": {**call["function"], "name": MARK}}
            if not written(marked(i, tool_calls=calls[:k] + [named] + calls[k + 1 :]), tools):
                return "messageNotWritten"
        if content and not calls:
            part = [{"type": "text", "text": MARK}] if isinstance(content, list) else MARK
            if not written(marked(i, content=part), tools):
                return "messageNotWritten"
        if message.get("reasoning_content") or message.get("reasoning"):
            # The reasoning of earlier turns may be left out, not all of it.
            last = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a", "reasoning_content": MARK}]
            if not written(last, None):
                return "messageNotWritten"
    return None


def case(name, marked, source, given):
    outcomes = {}
    for conversation in CONVERSATIONS:
        outcome, joins = expected(marked, source, conversation)
        if "left" not in outcome:
            reason = writes(source, conversation, joins)
            outcome = {"left": reason} if reason else outcome
        outcomes[conversation["name"]] = outcome
    return {"name": name, **given, "expect": {"ok": outcomes}}


def public(mark, folder):
    file = folder / mark["file"]
    assert hashlib.sha256(file.read_bytes()).hexdigest() == mark["sha256"], file
    source = file.read_text()
    marked = edited(source, mark["edits"])
    given = {"origin": mark["origin"], "input": {"files": ["public.json", "conversations.json"], "public": [mark["file"]]}}
    made = case(mark["name"], marked, source, given)
    for outcome in made["expect"]["ok"].values():
        outcome.pop("learnt", None)
    return made


def text(cases):
    """One outcome a line."""
    inner = json.dumps(cases, indent=1, ensure_ascii=False)
    return re.sub(r"\{\s+((?:\"(?:ids|labels|prompt|learnt|left)\": \"(?:[^\"\\]|\\.)*\",?\s+)+)\}", lambda m: "{ " + re.sub(r"\s*\n\s*", " ", m[1]) + "}", inner) + "\n"


cases = []
for file in sorted(CORPUS.glob("*.jinja")):
    marked = file.read_text()
    source = marked if file.stem.startswith("own-") else unmarked(marked)
    marked = edited(marked, EDITS.get(file.stem, []))
    given = {"input": {"files": [file.name, "conversations.json"]}}
    cases.append(case(file.stem, marked, source, given))
if len(sys.argv) > 1:
    marks = json.loads((CORPUS / "public.json").read_text())
    cases += [public(mark, pathlib.Path(sys.argv[1])) for mark in marks]
else:
    cases += [known for known in json.loads((CORPUS / "cases.json").read_text()) if known["input"].get("public")]
(CORPUS / "cases.json").write_text(text(cases))
print(len(cases), "templates")
