"""Telling people of notices: by a webhook of theirs."""

from inkbatch.adapters.notices.webhook import NoticeWebhook, posting

__all__ = ["NoticeWebhook", "posting"]
