"""The cart and its page; and the way into it, from whatever page sells something."""
