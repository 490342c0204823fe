"""Tiny configurations, each with the settings of its family that are easy to get wrong. `kind` decides on the tasks.

Odd sizes: heads that share keys, head sizes that are not hidden ÷ heads, windows shorter than the rows, biases.
"""

COMMON = dict(vocab_size=64, hidden_size=16, num_hidden_layers=2, num_attention_heads=4)
SMALL = dict(intermediate_size=24, max_position_embeddings=32)
# Epsilons and rotary bases that show in the losses: the usual ones differ in their last digits.
ROPE = dict(rope_type="default", rope_theta=100.0)
DECODER = COMMON | SMALL | dict(rms_norm_eps=3e-3, rope_parameters=ROPE, pad_token_id=0, bos_token_id=1, eos_token_id=2)
BERT = COMMON | SMALL | dict(layer_norm_eps=2e-3, pad_token_id=0, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
ROBERTA = BERT | dict(pad_token_id=1, max_position_embeddings=34, type_vocab_size=1)
DEBERTA = BERT | dict(
    relative_attention=True, position_biased_input=False, pos_att_type=["p2c", "c2p"], type_vocab_size=0, pooler_hidden_size=16, pooler_dropout=0.0,
    max_relative_positions=-1,
)
SLIDING = ["sliding_attention", "full_attention"]
GEMMA = dict(num_key_value_heads=2, head_dim=8, sliding_window=4, query_pre_attn_scalar=6, layer_types=SLIDING, hidden_activation="gelu_pytorch_tanh")
COHERE = {k: v for k, v in DECODER.items() if k != "rms_norm_eps"} | dict(layer_norm_eps=2e-3, logit_scale=0.4)
GPT2 = dict(
    vocab_size=64, n_positions=32, n_embd=16, layer_norm_epsilon=2e-3, n_layer=2, n_head=4, n_inner=24, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, pad_token_id=0,
    bos_token_id=1, eos_token_id=2,
)

DECODERS = {
    "llama": ("llama", DECODER | dict(num_key_value_heads=2, tie_word_embeddings=True)),
    # Texts have the padding token: its row has no gradient by being looked up (padding_idx), but for what a tied head gives it.
    "llama-padded": ("llama", DECODER | dict(num_key_value_heads=2, tie_word_embeddings=True, pad_token_id=20)),
    "llama-biases": (
        "llama",
        DECODER
        | dict(
            num_key_value_heads=4, head_dim=6, attention_bias=True, mlp_bias=True, tie_word_embeddings=False,
            rope_parameters=dict(rope_type="llama3", rope_theta=500.0, factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16),
        ),
    ),
    "llama-yarn": (
        "llama",
        DECODER
        | dict(
            num_key_value_heads=2, head_dim=8, tie_word_embeddings=True,
            rope_parameters=dict(rope_type="yarn", rope_theta=100.0, factor=4.0, original_max_position_embeddings=8, beta_fast=2.0, beta_slow=0.5),
        ),
    ),
    # Nothing changes up to max_position_embeddings, which is the longest sequence here.
    "llama-dynamic": ("llama", DECODER | dict(num_key_value_heads=2, head_dim=8, max_position_embeddings=12, tie_word_embeddings=True, rope_parameters=dict(rope_type="dynamic", rope_theta=100.0, factor=4.0))),
    "llama-quick-gelu": ("llama", DECODER | dict(num_key_value_heads=1, head_dim=6, hidden_act="quick_gelu", vocab_size=67, tie_word_embeddings=False)),
    "mistral": ("mistral", DECODER | dict(num_key_value_heads=2, head_dim=4, sliding_window=4, tie_word_embeddings=False)),
    "qwen2": ("qwen2", DECODER | dict(num_key_value_heads=2, tie_word_embeddings=True)),
    "qwen2-window": ("qwen2", DECODER | dict(num_key_value_heads=2, tie_word_embeddings=False, use_sliding_window=True, sliding_window=4, max_window_layers=1)),
    "qwen3": ("qwen3", DECODER | dict(num_key_value_heads=2, head_dim=6, tie_word_embeddings=True)),
    "gemma2": ("gemma2", DECODER | GEMMA | dict(attn_logit_softcapping=5.0, final_logit_softcapping=4.0)),
    # What GGUF's metadata cannot say is as in the published files: theta, and a scale that follows from the heads' size.
    "gemma2-published": ("gemma2", DECODER | GEMMA | dict(query_pre_attn_scalar=8, layer_types=None, attn_logit_softcapping=5.0, final_logit_softcapping=4.0, rope_parameters=dict(rope_type="default", rope_theta=10000.0))),
    "gemma3_text": (
        "gemma3_text",
        DECODER
        | GEMMA
        | dict(
            num_hidden_layers=3, layer_types=["sliding_attention", "sliding_attention", "full_attention"],
            rope_parameters={"sliding_attention": dict(rope_type="default", rope_theta=100.0), "full_attention": dict(rope_type="linear", rope_theta=1000.0, factor=2.0)},
        ),
    ),
    # Gemma3Attention has a bound of the scores and does not apply it.
    "gemma3_text-bounded": (
        "gemma3_text",
        DECODER
        | GEMMA
        | dict(
            attn_logit_softcapping=2.0, final_logit_softcapping=3.0, hidden_activation="relu2",
            rope_parameters={kind: dict(rope_type="default", rope_theta=100.0) for kind in ("sliding_attention", "full_attention")},
        ),
    ),
    "phi3": ("phi3", DECODER | dict(num_key_value_heads=2, sliding_window=None, resid_pdrop=0.0, embd_pdrop=0.0, tie_word_embeddings=False)),
    "phi3-long": (
        "phi3",
        DECODER
        | dict(
            num_key_value_heads=4, sliding_window=None, tie_word_embeddings=False, original_max_position_embeddings=16,
            rope_parameters=dict(rope_type="longrope", rope_theta=100.0, short_factor=[1.1, 1.7], long_factor=[2.0, 4.0]),
        ),
    ),
    "phi3-partial": (
        "phi3",
        DECODER
        | dict(
            hidden_size=32, num_key_value_heads=2, sliding_window=5, tie_word_embeddings=True,
            rope_parameters=dict(rope_type="default", rope_theta=1000.0, partial_rotary_factor=0.5),
        ),
    ),
    # As GGUF has it: all but every fourth layer rotate.
    "smollm3-interval": ("smollm3", DECODER | dict(num_hidden_layers=4, num_key_value_heads=2, tie_word_embeddings=False)),
    "smollm3-window": ("smollm3", DECODER | dict(num_hidden_layers=2, no_rope_layer_interval=2, num_key_value_heads=4, use_sliding_window=True, sliding_window=4, tie_word_embeddings=False)),
    "smollm3": ("smollm3", DECODER | dict(num_hidden_layers=4, num_key_value_heads=2, no_rope_layers=[1, 0, 1, 0], tie_word_embeddings=True)),
    "granite": ("granite", DECODER | dict(num_key_value_heads=2, tie_word_embeddings=True, embedding_multiplier=3.0, residual_multiplier=0.4, attention_multiplier=0.3, logits_scaling=1.5)),
    "olmo2": ("olmo2", DECODER | dict(num_key_value_heads=2, tie_word_embeddings=False)),
    "cohere": ("cohere", COHERE | dict(num_key_value_heads=2)),
    "cohere-norms": ("cohere", COHERE | dict(num_key_value_heads=2, use_qk_norm=True, attention_bias=True, tie_word_embeddings=False)),
    "gpt2": ("gpt2", GPT2),
    "gpt2-scaled": ("gpt2", GPT2 | dict(activation_function="gelu", n_inner=None, scale_attn_by_inverse_layer_idx=True, tie_word_embeddings=False)),
    "gptj": ("gptj", GPT2 | dict(n_head=2, rotary_dim=4)),
    "gptj-tied": ("gptj", GPT2 | dict(rotary_dim=4, n_inner=None, activation_function="relu", tie_word_embeddings=True)),
    "gpt_neox": ("gpt_neox", DECODER | dict(layer_norm_eps=2e-3, use_parallel_residual=True, rope_parameters=dict(rope_type="default", rope_theta=1000.0, partial_rotary_factor=0.5))),
    "gpt_neox-serial": ("gpt_neox", DECODER | dict(layer_norm_eps=2e-3, use_parallel_residual=False, attention_bias=False, hidden_act="gelu_new", rope_parameters=dict(rope_type="default", rope_theta=1000.0, partial_rotary_factor=1.0))),
    "opt": (
        "opt",
        dict(vocab_size=64, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, ffn_dim=24, max_position_embeddings=32, dropout=0.0, attention_dropout=0.0, pad_token_id=1, bos_token_id=2, eos_token_id=2, word_embed_proj_dim=16),
    ),
    # Galactica: neither biases nor weights of norms.
    "opt-plain": (
        "opt",
        dict(vocab_size=64, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, ffn_dim=24, max_position_embeddings=32, dropout=0.0, attention_dropout=0.0, pad_token_id=1, bos_token_id=2, eos_token_id=2, word_embed_proj_dim=16, enable_bias=False, layer_norm_elementwise_affine=False, activation_function="gelu", tie_word_embeddings=False),
    ),
    "opt-projected": (
        "opt",
        dict(vocab_size=64, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, ffn_dim=24, max_position_embeddings=32, dropout=0.0, attention_dropout=0.0, pad_token_id=1, bos_token_id=2, eos_token_id=2, word_embed_proj_dim=8, do_layer_norm_before=False),
    ),
}
ENCODERS = {
    "bert": ("bert", BERT | dict(type_vocab_size=2)),
    "bert-padded": ("bert", BERT | dict(type_vocab_size=2, pad_token_id=20)),
    "distilbert": (
        "distilbert",
        dict(vocab_size=64, dim=16, hidden_dim=24, n_layers=2, n_heads=4, max_position_embeddings=32, dropout=0.0, attention_dropout=0.0, seq_classif_dropout=0.0, pad_token_id=0),
    ),
    "roberta": ("roberta", ROBERTA),
    # Each padding token of a text stands at position 20, and is not counted.
    "roberta-padded": ("roberta", ROBERTA | dict(pad_token_id=20, max_position_embeddings=40)),
    "xlm-roberta": ("xlm-roberta", ROBERTA),
    "electra": ("electra", BERT | dict(embedding_size=8, summary_last_dropout=0.0)),
    # The first two layers share their weights.
    "albert": ("albert", BERT | dict(embedding_size=8, num_hidden_layers=3, num_hidden_groups=2, classifier_dropout_prob=0.0)),
    "mpnet": ("mpnet", ROBERTA | dict(relative_attention_num_buckets=32)),
    "deberta-v2": ("deberta-v2", DEBERTA | dict(position_buckets=4, share_att_key=True, norm_rel_ebd="layer_norm")),
    "deberta-v2-own-keys": ("deberta-v2", DEBERTA | dict(share_att_key=False, pos_att_type=["c2p"], position_biased_input=True, type_vocab_size=2)),
    # A norm of positions where there are none, which nothing reads.
    "deberta-v2-plain": ("deberta-v2", DEBERTA | dict(relative_attention=False, norm_rel_ebd="layer_norm", position_biased_input=True, embedding_size=8)),
    # The head for masked tokens of transformers' `legacy: false`, which reads the table whether it is tied or not.
    "deberta-v2-new-head": ("deberta-v2", DEBERTA | dict(position_buckets=4, share_att_key=True, legacy=False, tie_word_embeddings=False)),
    # A cutoff that JSON keeps as a float: transformers takes no whole number for it.
    "modernbert": (
        "modernbert",
        dict(vocab_size=64, hidden_size=16, intermediate_size=24, num_hidden_layers=3, num_attention_heads=4, max_position_embeddings=32, local_attention=4, norm_eps=2e-3, global_attn_every_n_layers=2, pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2, attention_dropout=0.0, mlp_dropout=0.0, embedding_dropout=0.0, classifier_dropout=0.0, classifier_pooling="mean", initializer_cutoff_factor=2.5),
    ),
}
FAMILIES = DECODERS | ENCODERS

# NF4 has blocks of 64 weights of a row: rows of 64.
WIDE = {"hidden_size": 64, "intermediate_size": 128, "head_dim": 16, "n_embd": 64, "n_inner": 128, "dim": 64, "hidden_dim": 128, "ffn_dim": 128, "word_embed_proj_dim": 64, "embedding_size": 64, "pooler_hidden_size": 64}


def config_of(family, wide=False):
    """model_type and the settings; `wide`: with rows that NF4's blocks fit."""
    model_type, settings = FAMILIES[family]
    return model_type, {k: WIDE[k] if wide and k in WIDE and v is not None else v for k, v in settings.items()}
