// Where one stands in the queue. The server tells Gradio, which writes it into its own status of
// the component; nothing else of it is handed on. That status is not shown, only read.

const QUEUED = /queue: (\d+)\/(\d+)/;
const QUEUED_FOR = 400; // milliseconds, before it is worth a word

const tracker = element.closest(".block")?.querySelector(":scope > [data-testid=status-tracker]");
let queueTimer = null;
let queueSaid = "";

function readQueue() {
  const [, place, of] = tracker.textContent.match(QUEUED) ?? [];
  if (!place) {
    clearTimeout(queueTimer);
    queueTimer = null;
    root.toggleAttribute("data-queued", false);
    return;
  }
  const now = place === "1" ? "You are next in the queue"
    : `You are ${ordinal(Number(place))} of ${of} in the queue`;
  if (now !== queueSaid) {
    queueSaid = now;
    for (const line of root.querySelectorAll(".queued")) line.textContent = now;
  }
  queueTimer ??= setTimeout(() => root.toggleAttribute("data-queued", true), QUEUED_FOR);
}

if (tracker) {
  new MutationObserver(readQueue).observe(tracker,
    { childList: true, characterData: true, subtree: true });
}
