"""What happened, on any channel, in one form: events, their types, the facts that follow from them."""
