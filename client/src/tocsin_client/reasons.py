"""Reasons: why no answer came, in words that need no knowledge of urllib3. Pure."""

from __future__ import annotations


def reason_of(error: BaseException, allowed: float) -> str:
    """One line; `allowed` is how long an answer was waited for (s)."""
    name, text = type(error).__name__, str(error)
    if "Timeout" in name:
        return f"no answer within {round(allowed, 2):g} s"
    if "certificate verify failed" in text:
        return f"no trusted connection: {text}"
    words = _WORDS.get(name)
    return f"{name}: {text}" if words is None else words.format(_root_of(error))


_WORDS = {
    "NameResolutionError": "the host's name is not known",
    "NewConnectionError": "no connection: {}",
    "SSLError": "no trusted connection: {}",
    "ProtocolError": "the answer broke off or is none: {}",
    "ValueError": "{}",
}


def _root_of(error: BaseException) -> str:
    """The cause that urllib3 wraps: its own text repeats it."""
    inner = [each for each in error.args if isinstance(each, BaseException)]
    if inner:
        return str(inner[-1]).strip() or type(inner[-1]).__name__
    text = str(error)
    return text.rpartition(": ")[2] if text.startswith(("<", "HTTP")) else text
