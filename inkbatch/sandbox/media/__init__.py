"""The media stream: what passes between a callee and the agent once a call is answered."""
