"""Pages for people without sign-in, by signed links from e-mails."""
