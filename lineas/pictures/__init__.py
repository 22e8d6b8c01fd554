"""The same maps on text-to-image models: any pipeline of ``diffusers``, and a small one that comes with the program."""
