"""Maps and how they steer: algebra, files, hooks. Knows torch and safetensors only."""
