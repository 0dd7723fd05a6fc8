"""The JSON Schema of a line of ``articles.jsonl``."""

from __future__ import annotations

__all__ = ["record_schema"]

from typing import Any

import msgspec

from crawler.model.article import ArticleRecord


def record_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every emitted record is valid under."""
    schema = msgspec.json.schema(ArticleRecord)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Warraq article record", **schema}
