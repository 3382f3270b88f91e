"""How files are described in the API's OpenAPI document."""

from typing import Any

BYTES = {"type": "string", "format": "binary"}
FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file",
        "content": {
            "text/csv": {"schema": BYTES},
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {"schema": BYTES},
            "application/vnd.apache.parquet": {"schema": BYTES},
        },
    }
}
HTML: dict[int | str, dict[str, Any]] = {
    200: {"description": "The page", "content": {"text/html": {"schema": {"type": "string"}}}}
}
TAKES_A_FILE = {
    "requestBody": {
        "required": True,
        "description": "The file itself; its form is told by the ending of `name`.",
        "content": {"application/octet-stream": {"schema": BYTES}},
    }
}
