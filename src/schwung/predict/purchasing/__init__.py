"""What the models of purchases share: fitted on the engine's summary, judged on what came after, told in words."""
