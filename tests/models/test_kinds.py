"""What is a model that writes text."""

import pytest
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from lineas.models.kinds import causal_classes, writes_text


def test_the_mapping_is_that_of_transformers() -> None:
    assert causal_classes() == dict(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)


@pytest.mark.parametrize(
    ("kinds", "family", "more", "writes"),
    [
        (["LlamaForCausalLM"], "llama", {}, True),
        (["LlamaForCausalLM"], "flubber", {}, True),
        (["OpenAIGPTLMHeadModel"], "openai-gpt", {}, True),
        (["ReformerModelWithLMHead"], "reformer", {}, True),
        (["Qwen3_5ForConditionalGeneration"], "qwen3_5", {}, True),
        (["Llama4ForConditionalGeneration"], "llama4", {}, True),
        (["Gemma3ForConditionalGeneration"], "gemma3", {}, True),
        (["LlavaForConditionalGeneration"], "llava", {}, False),
        (["BertForMaskedLM"], "bert", {}, False),
        (["LlamaForSequenceClassification"], "llama", {}, False),
        (["T5ForConditionalGeneration"], "t5", {}, False),
        (["BartForConditionalGeneration"], "bart", {"is_encoder_decoder": True}, False),
        (None, "llama", {}, True),
        ([], "gpt2", {}, True),
        (None, "t5", {}, False),
        (7, "llama", {}, False),
        ([{}], "llama", {}, False),
        (None, None, {}, False),
    ],
)
def test_writes_text(kinds: object, family: object, more: dict[str, object], writes: bool) -> None:
    assert writes_text({"architectures": kinds, "model_type": family, **more}) is writes
