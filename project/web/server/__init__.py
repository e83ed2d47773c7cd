"""The web server: uvicorn with bounds on what a connection may cost, and a supervisor that renews its processes.

Why so, and what still needs a proxy in front: docs/decisions/web-server.md.
"""
