"""Colours, type and spacing. The fonts come with Gradio's package, so no page requests one from the internet."""

from gradio.themes import Base, Color, LocalFont, sizes

from lineas.files import ASSETS

STYLES = [
    ASSETS / "style" / f"{name}.css"
    for name in (
        "frame", "header", "pieces", "curve", "answers", "phones", "strengths", "mix", "library", "inside", "health", "models",
        "teach", "compare", "pictures", "tour", "stage",
    )
]  # fmt: skip
"""The studio's own styles, in this order: of two rules of equal weight, the later one wins."""

IRIS = Color(
    c50="#f3f2ff", c100="#e9e7ff", c200="#d5d1ff", c300="#b8b0ff", c400="#978bfb", c500="#7868f0",
    c600="#5b4bd8", c700="#4b3cb8", c800="#3d3294", c900="#332c76", c950="#1f1a4a", name="iris",
)  # fmt: skip
INK = Color(
    c50="#f8f8f6", c100="#f0f0ed", c200="#e3e2de", c300="#cbcac5", c400="#9f9ea1", c500="#737279",
    c600="#57565e", c700="#3d3c45", c800="#26262e", c900="#1a1a21", c950="#121217", name="ink",
)  # fmt: skip

COLOURS = {
    "body_background_fill": ("*neutral_50", "*neutral_950"),
    "body_text_color": ("*neutral_900", "*neutral_100"),
    "body_text_color_subdued": ("*neutral_600", "*neutral_400"),
    "block_background_fill": ("white", "*neutral_900"),
    "block_border_color": ("*neutral_200", "*neutral_800"),
    "block_title_text_color": ("*neutral_800", "*neutral_200"),
    "block_info_text_color": ("*neutral_600", "*neutral_400"),
    "input_background_fill": ("white", "*neutral_900"),
    "input_border_color": ("*neutral_200", "*neutral_700"),
    "input_border_color_focus": ("*primary_500", "*primary_400"),
    "input_placeholder_color": ("*neutral_500", "*neutral_400"),
    "button_primary_background_fill": ("*primary_600", "*primary_600"),
    "button_primary_background_fill_hover": ("*primary_700", "*primary_500"),
    "button_primary_text_color": ("white", "white"),
    "button_secondary_background_fill": ("white", "*neutral_900"),
    "button_secondary_background_fill_hover": ("*neutral_100", "*neutral_800"),
    "button_secondary_border_color": ("*neutral_300", "*neutral_700"),
    "slider_color": ("*primary_600", "*primary_400"),
}
"""Each variable of Gradio's theme in light and in dark."""


def studio_theme() -> Base:
    """The theme: IBM Plex Sans in regular and bold (the only complete weights in Gradio), iris on warm white or ink."""
    theme = Base(
        primary_hue=IRIS,
        secondary_hue=IRIS,
        neutral_hue=INK,
        text_size=sizes.text_lg,
        spacing_size=sizes.spacing_lg,
        radius_size=sizes.radius_lg,
        font=[LocalFont("IBM Plex Sans", weights=(400, 700)), "system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    )
    light = {name: value for name, (value, _) in COLOURS.items()}
    dark = {f"{name}_dark": value for name, (_, value) in COLOURS.items()}
    return theme.set(
        **light,
        **dark,
        block_label_text_weight="700",
        block_title_text_weight="700",
        block_shadow="none",
        input_border_width="1px",
        button_large_radius="12px",
        button_large_text_weight="700",
        button_small_text_weight="400",
        button_border_width="1px",
    )
