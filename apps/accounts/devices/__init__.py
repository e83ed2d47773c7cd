"""The devices that users sign in on: which are known, what they are called, and those that were somebody else's."""
