"""What a map does to text, what it costs, and at which strength to use it.

Everything here takes what any method trains (``lineas.steering.adapter.Steering``). Functions that run the model are generators;
they yield between two pieces of work, so that the holder of the model's lock can let others in. ``lineas.models.progress.finish``
runs one to its end.
"""
