"""The studio as Gradio's Blocks, once for all languages: one queue, one sign-in, one set of handlers.

A language's page is the same components with other words. So the studio is built once more in that language, when it is first
asked for, and what it says is written over the page's description; events come back to the handlers of the first one, which then
speak the language of their page.
"""

import threading
from collections.abc import AsyncIterator, Callable
from inspect import signature
from typing import Any
from weakref import WeakKeyDictionary

import gradio as gr

from lineas.ui import text as ui_text
from lineas.ui.api import ENDPOINTS
from lineas.ui.language import wanted


class Blocks(gr.Blocks):
    """Blocks in the language of whoever looks at them.

    Endpoints can also be called with fewer values than they have parameters, as older scripts do: Gradio's clients fill in the
    defaults themselves, a bare request does not.

    Args:
        build: builds them in the language that is spoken.
    """

    def __init__(self, build: Callable[[], gr.Blocks], **options: Any) -> None:
        self._build = build
        self._language = ui_text.language()
        self._building = threading.Lock()
        self._configs: dict[str, Any] = {}
        self._spoken: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
        super().__init__(**options)

    @property
    def config(self) -> Any:
        """What a browser gets: components, layout and events."""
        language = ui_text.language()
        if language not in self._configs:
            with self._building:
                if language not in self._configs:
                    self._configs[language] = in_the_words_of(self._build(), self._configs[self._language])
        return self._configs[language]

    @config.setter
    def config(self, config: Any) -> None:
        self._configs = {self._language: config}

    async def call_function(
        self,
        block_fn: Any,
        processed_input: list[Any],
        iterator: AsyncIterator[Any] | None = None,
        requests: Any = None,
        event_id: str | None = None,
        event_data: Any = None,
        in_event_listener: bool = False,
        state: Any = None,
        *more: Any,
    ) -> Any:
        """Call a handler, or its next step, in the language of the page: the one in which the page's first event asked."""
        request = requests[0] if isinstance(requests, list) else requests
        language = wanted(dict(request.headers)) if request else self._language
        if state is not None:
            language = self._spoken.setdefault(state, language)
        with ui_text.speaking(language):
            return await super().call_function(
                block_fn, processed_input, iterator, requests, event_id, event_data, in_event_listener, state, *more
            )

    def validate_inputs(self, block_fn: Any, inputs: list[Any]) -> None:
        if block_fn.api_name in ENDPOINTS:
            inputs += [parameter.default for parameter in [*signature(block_fn.fn).parameters.values()][len(inputs) :]]
        super().validate_inputs(block_fn, inputs)


def in_the_words_of(translated: gr.Blocks, config: Any) -> Any:
    """A page's description with the properties and scripts of a translation, which was built in the same order."""
    theirs = translated.get_config_file()
    components = [
        {**here, "props": there["props"]}
        for here, there in zip(config["components"], theirs["components"], strict=True)
    ]
    dependencies = [
        {**here, "js": there["js"]} for here, there in zip(config["dependencies"], theirs["dependencies"], strict=True)
    ]
    return {**config, "components": components, "dependencies": dependencies}
