"""The pages of a fan's account: to open one, to sign in, and to see and change it."""
