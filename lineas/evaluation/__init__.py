"""What a map does to text, what it costs, and at which strength to use it.

Measures take what any method ended in (``lineas.steering.adapter.Steering``). Those that run the model are generators that
yield between two pieces of work, so that whoever holds the model's lock can let others in; ``lineas.models.progress.finish`` runs
one to its end.
"""
