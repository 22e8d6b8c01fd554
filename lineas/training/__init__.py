"""LinEAS training: transport loss, optimizers, recipes and the trainer."""
