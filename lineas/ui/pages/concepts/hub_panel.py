"""Where a concept is published on the Hugging Face hub, and where one is brought from there."""

from dataclasses import dataclass

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui.components import fields
from lineas.ui.context import Context


@dataclass(frozen=True)
class GiveToHub:
    panel: gr.Accordion
    repo: gr.Textbox
    token: gr.Textbox
    private: gr.Checkbox
    give: gr.Button


@dataclass(frozen=True)
class BringFromHub:
    repo: gr.Textbox
    bring: gr.Button


def build_give(ctx: Context) -> GiveToHub:
    with gr.Accordion(ui_text.HUB_GIVE_TITLE, open=False, visible=False, elem_id="library-hub") as panel:
        repo = fields.text_field(
            ui_text.HUB_REPO, "library-hub-repo", placeholder=ui_text.HUB_REPO_HINT, max_length=100
        )
        token = gr.Textbox(
            label=ui_text.HUB_TOKEN,
            info=ui_text.HUB_TOKEN_INFO,
            type="password",
            placeholder=ui_text.HUB_OWN_TOKEN if ctx.local else "",
            max_length=200,
            elem_id="library-hub-token",
            elem_classes="ls-field",
        )
        private = gr.Checkbox(label=ui_text.HUB_PRIVATE, elem_id="library-hub-private")
        give = fields.chip(ui_text.HUB_GIVE, "library-hub-give")
    return GiveToHub(panel, repo, token, private, give)


def build_bring() -> BringFromHub:
    with gr.Row(elem_classes="ls-chips"):
        repo = fields.text_field(
            ui_text.HUB_BRING_LABEL, "library-hub-bring", placeholder=ui_text.HUB_REPO_HINT, max_length=100
        )
        bring = fields.chip(ui_text.HUB_BRING, "library-hub-add")
    return BringFromHub(repo, bring)
