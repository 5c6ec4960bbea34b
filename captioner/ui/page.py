"""The whole page and how it is served."""

import gradio as gr
from starlette.middleware import Middleware

from captioner.paths import ASSETS
from captioner.ui import calls, machine, mcp_answers, mistakes
from captioner.ui.evaluate.tab import evaluate_tab
from captioner.ui.explore import examples, opening
from captioner.ui.explore.explorer import styles
from captioner.ui.explore.live import LiveCamera
from captioner.ui.explore.tab import TOGETHER, explore_tab
from captioner.ui.shared import assets
from captioner.ui.shared.document import Document
from captioner.ui.shared.models import Models
from captioner.ui.shared.own_data import OwnData
from captioner.ui.shared.permission import Permission
from captioner.ui.train.tab import train_tab

TITLE = "Where Words Look"
UPLOAD_LIFETIME, CLEAR_INTERVAL = 3600, 600  # seconds
QUEUE = 64  # captions that may wait; more visitors at once are told to come back
THREADS = 2 * TOGETHER + 40  # captions and queries, and Gradio's own number for all else
# How often Gradio looks whether somebody waits, in seconds. Its own thousand times a second take a
# tenth of a processor from whatever is computed meanwhile, and from a laptop's battery.
POLL_INTERVAL = 0.01
MAX_SESSIONS = 64  # Gradio remembers what each was shown last, photo and all, until there are more
LARGEST_UPLOAD = "40mb"  # well above what cameras make
LARGEST_DATA = "4gb"  # a zip of photos, where one may train
STYLES = (
    "shared/page.css",
    "shared/header.css",
    "shared/tabs.css",
    "shared/toast.css",
    "train/tab.css",
    "evaluate/tab.css",
    "explore/examples.css",
    "explore/stored/tray.css",
    "explore/camera/entries.css",
    "explore/opening/opening.css",
)

# The page's colours are those of assets/shared/page.css, light and dark.
_COLOURS = {
    "body_background_fill": "var(--ground)",
    "body_text_color": "var(--ink)",
    "body_text_color_subdued": "var(--muted)",
    "background_fill_primary": "var(--card)",
    "background_fill_secondary": "var(--ground)",
    "block_background_fill": "var(--card)",
    "block_border_color": "var(--line)",
    "block_label_background_fill": "transparent",
    "block_label_text_color": "var(--muted)",
    "block_title_text_color": "var(--muted)",
    "block_info_text_color": "var(--muted)",
    "border_color_primary": "var(--line)",
    "border_color_accent": "var(--accent)",
    "color_accent_soft": "var(--accent-soft)",
    "input_background_fill": "var(--card)",
    "input_border_color": "var(--line)",
    "input_border_color_focus": "var(--accent)",
    "slider_color": "var(--accent)",
    "button_secondary_background_fill": "var(--card)",
    "button_secondary_background_fill_hover": "var(--hover)",
    "button_secondary_border_color": "var(--line)",
    "button_secondary_text_color": "var(--ink)",
    "link_text_color": "var(--accent)",
}


def build_page(models: Models, permission: Permission) -> gr.Blocks:
    """The page around captioners that may still be loading."""
    page = gr.Blocks(
        title=TITLE,
        analytics_enabled=False,
        delete_cache=(CLEAR_INTERVAL, UPLOAD_LIFETIME),
        fill_width=True,
    )
    with page:
        gr.HTML(
            html_template=assets.header(),
            js_on_load=assets.mount("shared/theme.js"),
            apply_default_css=False,
            elem_id="header",
        )
        own = OwnData(permission)
        with gr.Tabs() as tabs:
            names = ("Explore", "Train", "Evaluate")
            exploring, training, evaluating = (gr.Tab(name, id=name.lower()) for name in names)
            with exploring:
                explorer = [tabs, *explore_tab(page, models)]
            with training:
                train_tab(training, [exploring, evaluating], models, own, explorer)
            with evaluating:
                evaluate_tab(evaluating, models, own, explorer)
        page.load(None, None, None, js=assets.call("shared/numbers.js", "keepInRange"))
    page.queue(max_size=QUEUE)
    page._queue.sleep_when_free = POLL_INTERVAL
    page._queue.progress_update_sleep_when_free = 10 * POLL_INTERVAL
    return page


def serve(
    page: gr.Blocks,
    models: Models,
    permission: Permission,
    host: str | None,
    port: int | None,
    share: bool = False,
) -> None:
    """Serves the page until it is stopped; the captioner is loaded once the page is up."""
    machine.bypass_proxies(host)
    machine.share_arenas()
    mcp_answers.answer_in_json()
    mistakes.log_in_one_line()
    calls.make_cheap()
    page.launch(
        server_name=host,
        server_port=port,
        share=share or None,  # None leaves it to Gradio's environment variable
        theme=_theme(),
        app_kwargs=_app(models, page),
        favicon_path=ASSETS / "shared" / "icon.svg",
        footer_links=[],
        max_file_size=LARGEST_DATA if permission.possible else LARGEST_UPLOAD,
        mcp_server=True,
        run_history=False,
        ssr_mode=False,
        pwa=False,
        enable_monitoring=False,
        state_session_capacity=MAX_SESSIONS,
        max_threads=THREADS,
        prevent_thread_lock=True,
    )
    models.start()
    page.block_thread()


def _app(models: Models, page: gr.Blocks) -> dict:
    """What the page has beside Gradio: its scripts and pictures, and more in its document."""
    first = opening.Opening(models) if opening.is_for(models) else None
    routes = [*assets.modules_routes(), examples.route(), LiveCamera(models, page).route()]
    if first:
        routes.append(first.route)
    connection = "shared/connection/connection.js"
    head = (  # before Gradio opens its heartbeat
        f'<script type="module" async>import modules from "./{assets.bundle_path(connection)}"; '
        f'modules["{connection}"].keepConnected();</script>'
        f'<style id="page-style">{assets.read(*STYLES)}{styles()}</style>'
    )
    document = Middleware(Document, head=head, body=first.html if first else str)
    return {"routes": routes, "middleware": [document]}


def _theme() -> gr.themes.Base:
    fonts = ["system-ui", "-apple-system", "'Segoe UI'", "Roboto", "sans-serif"]
    theme = gr.themes.Base(font=fonts, font_mono=["ui-monospace", "monospace"])
    dark = {f"{name}_dark": colour for name, colour in _COLOURS.items()}
    return theme.set(color_accent="var(--accent)", input_border_width="1px", **_COLOURS, **dark)
