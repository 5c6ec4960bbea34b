"""The connection to a server: a loss is noticed, and what was asked is asked again if it may be."""

from tests.support.browser.harness import address
from tests.support.browser.page import LOST

# A stream of answers that breaks once while one event is pending, and what Gradio gets of it.
BROKEN = """async ([event, targets]) => {
  const { Stream } = await import("/shared/connection/stream.js");
  window.gradio_config = { dependencies: [{ id: 7, targets }] };
  const sent = [];
  let count = 0;
  const message = (number, msg) =>
    `data: {"msg":"${msg}","event_id":"${number}","output":{}}\\n\\n`;
  const texts = [message("one", "process_starts"), message("two", "process_completed")];
  const native = async (input) => {
    sent.push(input.url ?? input);
    if (!input.url) return Response.json({ event_id: ["one", "two"][count++] });
    const text = texts.shift();
    return new Response(new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
      async pull(controller) {
        await new Promise(setTimeout); // what was sent before arrives
        if (texts.length) controller.error(new Error("broken"));
        else controller.close();
      },
    }));
  };
  const stream = new Stream({ send: native, reconnected: async () => {} });
  await stream.join("join", { body: JSON.stringify({ fn_index: 7 }) });
  const answers = await stream.open(new Request("/data"));
  const got = (await answers.text()).split("\\n\\n").filter(Boolean)
    .map((one) => JSON.parse(one.slice(5)));
  return { sent: sent.map((one) => one.split("/").at(-1)), got };
}"""

# A server that stops: its heartbeat ends and does not come back, while it answers three more times.
STOPPING = """async () => {
  const { keepConnected } = await import("/shared/connection/connection.js");
  let heartbeats = 0, answers = 3;
  window.fetch = async (input) => {
    if ((input.url ?? input).includes("/heartbeat/") ? !heartbeats++ : answers-- > 0)
      return new Response("");
    throw new TypeError("Failed to fetch");
  };
  keepConnected();
  await fetch("/gradio_api/heartbeat/1");
}"""


def test_a_server_that_answers_while_it_stops_is_found_to_be_lost(tab):
    tab.goto(address())
    tab.evaluate(STOPPING)
    tab.get_by_text(LOST).wait_for()


def broken(tab, event):
    tab.goto(address())
    return tab.evaluate(BROKEN, [event, [[1, event]]])


def test_what_only_reads_is_asked_again(tab):
    found = broken(tab, "ask")
    assert found["sent"] == ["join", "data", "join", "data"]
    messages = [(one["msg"], one["event_id"]) for one in found["got"]]
    assert messages[:2] == [("process_starts", "one"), ("process_completed", "one")]


def test_what_may_have_been_done_is_not_done_again(tab):
    found = broken(tab, "click")
    assert found["sent"] == ["join", "data"]
    failed = found["got"][1]
    assert (failed["msg"], failed["event_id"], failed["success"]) == (
        "process_completed",
        "one",
        False,
    )
    assert failed["output"]["error"] == "The connection to the server was lost: please try again."
