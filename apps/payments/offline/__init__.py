"""Payments that staff take themselves: nobody is asked over the network, what is known staff have said."""
