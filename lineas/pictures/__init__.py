"""The same maps on text-to-image models: any pipeline of ``diffusers``, and a small one that comes with the program."""

import logging

# diffusers imports it where it is installed; it warns of a kernel that nothing here uses
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
