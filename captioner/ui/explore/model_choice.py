"""The choice of a captioner, among those that are there now."""

import gradio as gr

from captioner.ui.shared.models import Models


class ModelChoice(gr.Dropdown):
    """A list of captioners that accepts names which it did not have when the page was opened.

    gr.Dropdown would refuse a captioner that was trained since, or that comes with an address,
    until the list is updated, with an error of its own. `Models` knows what is there, and says in
    one sentence what is not.
    """

    is_template = True  # in the browser it is gr.Dropdown

    def preprocess(self, payload) -> str | None:
        return None if payload is None else str(payload)


def model_choice(models: Models, name: str = "model", label: str = "Model") -> ModelChoice:
    """The list; visible if there are several captioners."""
    return ModelChoice(
        **offered(models),
        value=models.names()[0],
        label=label,
        filterable=False,
        elem_id=name,
        elem_classes="model",
    )


def offered(models: Models) -> dict:
    """Props of the list: the captioners that are there now."""
    names = models.names()
    return {"choices": names, "visible": len(names) > 1}
