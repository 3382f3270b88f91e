"""Whether a person may be called, in the words of many languages; never guessed from others."""

from functools import lru_cache

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.header_words import normalised, words

YES = words(
    "yes y true 1 x ja j oui o si s sim tak t da vrai wahr verdadero vero verdadeiro waar prawda "
    "opt_in optin opted_in given granted agreed allowed subscribed consented erteilt "
    "accorde concedido concesso verleend udzielona ✓ ✔ ☑"
)
NO = words("no n false 0 nein nee non nao nie faux falsch falso onwaar falsz ✗ ✘ ☐")
REFUSALS = words(
    "opt_out optout opted_out unsubscribed unsubscribe withdrawn revoked declined denied refused "
    "objected stop never do_not_call dnc not_given verweigert widerrufen abgelehnt refuse "
    "rechazado rifiutato recusado geweigerd odmowa"
)

_UNKNOWN = "this does not say whether the person may be called: write yes or no, or leave it empty"


def may_be_called(text: str) -> bool:
    """Read a cell of a consent column; an empty one states nothing, and forbids nothing.

    Raises BadCell for a word that is neither a yes nor a no.
    """
    word = _word(text)
    if word in YES or not text:
        return True
    if word in NO or word in REFUSALS:
        return False
    raise BadCell(_UNKNOWN)


def must_not_be_called(text: str) -> bool:
    """Read a cell of a column such as `Do not call`, where a yes forbids; else as above."""
    word = _word(text)
    if word in YES or word in REFUSALS:
        return True
    if word in NO or not text:
        return False
    raise BadCell(_UNKNOWN)


@lru_cache(maxsize=1_000)  # a column holds few words, and finding their letters is slow
def _word(text: str) -> str:
    return normalised(text.removesuffix(".0")) or text
