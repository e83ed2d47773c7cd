"""The pages of a fan's account: to open one, to sign in, and what belongs to who has."""
