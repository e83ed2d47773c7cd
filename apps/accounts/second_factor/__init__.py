"""The second thing that users prove who they are with: codes of an app, recovery codes."""
