"""Text that people paste and models write, and that must stay text."""

NASTY = '<img src=x onerror="window.pwned=1"> ${window.pwned=1} {{value}} `x` & \' \u202eabc 🏴‍☠️'
LONG = "x" * 100_000
