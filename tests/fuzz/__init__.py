"""Hostile input by the thousand: every case ends in a sound result or a ``LineasError``, soon and in little memory.

``python -m tests.fuzz --seconds 60`` or ``--count 2000``; a case is repeated alone by ``--kinds maps --first 1234 --count 1``.
"""
