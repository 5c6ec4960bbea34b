"""Tools for MCP clients answer with JSON, as text and as structured content; Gradio's own answer is
the text of a Python object."""

import json
from types import SimpleNamespace

import gradio.mcp

from captioner.files import json_text


class JsonServer(gradio.mcp.GradioMCPServer):
    """Gradio's server of tools whose results are JSON."""

    def __init__(self, blocks):
        super().__init__(blocks)
        types = self.types

        def result(content, structuredContent=None, **more):
            found = json.loads(content[0].text)
            return types.CallToolResult(content=content, structuredContent=found, **more)

        self.types = SimpleNamespace(**{**vars(types), "CallToolResult": result})

    def postprocess_output_data(self, data, root_url):
        return [self.types.TextContent(type="text", text=json_text(one)) for one in data]


def answer_in_json() -> None:
    """Has pages that are launched from now on use this server."""
    gradio.mcp.GradioMCPServer = JsonServer
