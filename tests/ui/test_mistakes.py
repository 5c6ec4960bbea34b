"""What the server logs of requests: a line for a mistake, a traceback for a fault of ours."""

import logging
import traceback

import gradio as gr
import pytest
from gradio import queueing, routes
from gradio.data_classes import PredictBody
from gradio.route_utils import get_fn

from captioner.photos import open_photo
from captioner.ui import mistakes


@pytest.fixture(autouse=True)
def patched(monkeypatch):
    monkeypatch.setattr(queueing, "traceback", traceback)
    monkeypatch.setattr(routes, "traceback", traceback)
    mistakes.log_in_one_line()
    yield
    logging.getLogger("uvicorn.error").removeFilter(mistakes._shortened)


def of_gradio():
    raise gr.Error("Value 99 is greater than maximum value 2.0.")


def of_values():
    raise ValueError("An event handler (caption) didn't receive enough input values\nWanted: 7")


@pytest.mark.parametrize("refuse", [of_gradio, of_values])
def test_a_mistake_is_one_line(refuse, caplog, capfd):
    try:
        refuse()
    except Exception:
        queueing.traceback.print_exc()
    (record,) = caplog.records
    assert "\n" not in record.getMessage() and record.exc_info is None
    assert record.getMessage().startswith("A request was refused: ")
    assert "Traceback" not in capfd.readouterr().err


def test_a_fault_of_ours_keeps_its_traceback(caplog, capfd):
    try:
        open_photo(None)
    except Exception:
        routes.traceback.print_exc()
    assert not caplog.records and "Traceback" in capfd.readouterr().err


def test_a_request_for_nothing_is_one_line(caplog):
    server = logging.getLogger("uvicorn.error")
    for body in ({"data": [], "fn_index": 99}, {"data": [], "api_name": "nope"}):
        try:
            get_fn(gr.Blocks(), body.get("api_name"), PredictBody(**body))
        except Exception:
            server.error("Exception in ASGI application\n", exc_info=True)
    assert [record.exc_info for record in caplog.records] == [None] * 2
    first, second = (record.getMessage() for record in caplog.records)
    assert first == "A request was refused: 99" and second.endswith("API name: nope")
