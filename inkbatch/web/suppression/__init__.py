"""The numbers never to call, on the page."""
