"""An OpenAI-compatible server of the model and its concepts, alone (``lineas serve``) or as part of the studio."""
