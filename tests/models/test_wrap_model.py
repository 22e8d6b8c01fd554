"""Networks that are already built."""

from tiny import make_network, make_tokenizer

from lineas.models.load import wrap_model


def test_a_tokenizer_without_padding_gets_one():
    tokenizer = make_tokenizer()
    tokenizer.pad_token = None
    network = make_network("gpt2")
    network.generation_config.pad_token_id = None
    model = wrap_model(network, tokenizer)
    assert model.id == "custom"
    assert model.tokenizer.pad_token == "<end>"
    assert model.network.generation_config.pad_token_id == tokenizer.eos_token_id
    assert len(model.tokenizer(["the day", "the"], padding=True)["input_ids"][1]) == 2


def test_a_tokenizer_without_an_end_token_can_pad():
    tokenizer = make_tokenizer()
    tokenizer.pad_token = tokenizer.eos_token = None
    assert wrap_model(make_network(), tokenizer).tokenizer.pad_token_id == 0
