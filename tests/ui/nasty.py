"""Text that people paste and models write, and that must stay text; as a name it just fits (80 characters)."""

NASTY = '<img src=x onerror="window.pwned=1"> ${window.pwned=1} {{value}} `x` & \' \u202e🏴‍☠️'
LONG = "x" * 100_000
