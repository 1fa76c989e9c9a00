"""Errors that say who must act. Every error has a stable code, a sentence, and the next step, in both languages."""

from schwung.core.text import Text


class SchwungError(Exception):
    """Root of all errors that are meant for a person to read.

    code: stable, snake_case, documented in docs/reference/errors.md.
    message: what happened. step: what to do next.
    """

    exit_code = 2

    def __init__(self, code: str, message: Text, step: Text) -> None:
        super().__init__(f"{message.en} {step.en}")
        self.code = code
        self.message = message
        self.step = step


class InputError(SchwungError):
    """The caller must act: a value, a file or a request is not what it should be."""

    exit_code = 2


class SetupError(SchwungError):
    """The operator must act: a setting, a disk, a database, an installation."""

    exit_code = 3


class OutsideError(SchwungError):
    """The world must change: a provider, a network. `permanent` says whether trying again can help."""

    exit_code = 4

    def __init__(self, code: str, message: Text, step: Text, *, permanent: bool = False) -> None:
        super().__init__(code, message, step)
        self.permanent = permanent
