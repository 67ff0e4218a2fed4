"""A person's own words: reasons and notes."""

from hub.errors import MALFORMED, Problem


def checked(text: str, name: str, least: int = 0) -> str:
    """Return a person's words: at least so many characters that print, and line breaks.

    Raises:
        Problem: `malformed`.

    """
    text = text.strip()
    if not text.replace("\n", " ").isprintable():
        raise Problem(MALFORMED, f"In the body: {name} holds characters that do not print.")
    if len(text) < least:
        raise Problem(MALFORMED, f"In the body: {name} has fewer than {least} characters.")
    return text
