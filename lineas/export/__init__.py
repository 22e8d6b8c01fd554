"""Concepts for other programs: a map folded into a model's own weights, as a checkpoint, as GGUF files or as a PEFT adapter."""
