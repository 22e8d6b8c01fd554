"""The built-in model, after its download."""

import pytest
import torch

from lineas.models.load import load_model


@pytest.mark.default_model
def test_the_default_model_writes_and_chats(default_model):
    assert default_model.id == "default"
    assert default_model.dtype == torch.float32
    assert default_model.parameter_count == 134_515_008
    assert default_model.max_tokens == 8192
    assert len(default_model.sites) == 30
    assert {site.width for site in default_model.sites} == {576}
    assert default_model.fingerprint.endswith(":833ead738216"), "the maps in assets were made for these weights"
    assert default_model.has_chat_template
    turn = [{"role": "user", "content": "What is the capital of France?"}]
    chat = default_model.tokenizer.apply_chat_template(turn, add_generation_prompt=True, tokenize=False)
    assert chat.startswith("<|im_start|>system\n")
    assert chat.endswith("<|im_start|>assistant\n")
    batch = default_model.tokenizer(chat, return_tensors="pt", add_special_tokens=False)
    answer = default_model.network.generate(**batch, max_new_tokens=12, do_sample=False)
    assert "Paris" in default_model.tokenizer.decode(answer[0, batch["input_ids"].shape[1] :])


@pytest.mark.default_model
def test_the_default_model_has_one_fingerprint_in_every_dtype(default_model):
    assert load_model("default", dtype="bfloat16").fingerprint == default_model.fingerprint
    assert load_model("default", dtype="float16").fingerprint == default_model.fingerprint
