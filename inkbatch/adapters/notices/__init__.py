"""Telling people of notices: by a webhook of theirs."""

from inkbatch.adapters.notices.webhook import NoticeWebhook

__all__ = ["NoticeWebhook"]
