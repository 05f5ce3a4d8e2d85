"""The app's theme. System fonts only, so that the page loads nothing from another server."""

from gradio.themes import Base
from gradio.themes.utils import colors, sizes

from synth.app import modules

SANS = ["ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif"]
MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]
CSS = modules.WEB / "style.css"
ICON = modules.WEB / "icon.svg"


def theme() -> Base:
    """Return the theme for ``launch``."""
    base = Base(
        primary_hue=colors.teal,
        secondary_hue=colors.teal,
        neutral_hue=colors.stone,
        radius_size=sizes.radius_md,
        spacing_size=sizes.spacing_md,
        text_size=sizes.text_md,
        font=SANS,
        font_mono=MONO,
    )
    return base.set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        background_fill_secondary="*neutral_100",
        background_fill_secondary_dark="*neutral_800",
        body_text_color_subdued="*neutral_500",
        body_text_color_subdued_dark="*neutral_400",
        block_background_fill="white",
        block_background_fill_dark="*neutral_900",
        block_border_width="1px",
        block_border_color="*neutral_200",
        block_border_color_dark="*neutral_800",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_label_border_width="0px",
        block_label_text_color="*neutral_500",
        button_primary_background_fill="*neutral_900",
        button_primary_background_fill_hover="*neutral_700",
        button_primary_text_color="white",
        button_primary_background_fill_dark="*neutral_100",
        button_primary_background_fill_hover_dark="white",
        button_primary_text_color_dark="*neutral_900",
        input_background_fill="white",
        input_background_fill_dark="*neutral_900",
    )
