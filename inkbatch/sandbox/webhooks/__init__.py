"""Call status events to the webhook_url of a call, signed and tried again as the platform does."""
