"""An app that exists to prove the plug-in: lots of a raffle, each an offer, and for each lot paid for an entry."""
