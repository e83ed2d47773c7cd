"""The HTTP edge: what stands between the socket and the handlers."""
