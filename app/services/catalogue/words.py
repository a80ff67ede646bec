"""From what somebody typed to what is searched: words are cut, corrected and completed.

Everything is looked up in the vocabulary (`word`), which is small: the products themselves are
asked only whether a word that is not in it stands in some description.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

MAX_WORDS: Final = 12
COMPLETIONS: Final = 12
# A shorter beginning is only completed to common words: it begins too many to search them all.
PREFIX_FROM: Final = 3
# Up to this many letters one mistake is corrected, up to twice as many two, above that three.
SHORT: Final = 6


@dataclass(frozen=True, slots=True)
class Wording:
    """What is searched for.

    `tsquery` is text for `to_tsquery('catalogue', …)`, "" where no word was typed; `corrected`
    is the whole wording where a word was replaced, else ""; `exact_ids` are products whose SKU or
    id at the supplier is exactly what was typed.
    """

    tsquery: str = ""
    corrected: str = ""
    exact_ids: tuple[int, ...] = ()


# `stem` is NULL for a filler such as "the". A completion comes with its own stem.
_CUT: Final = text("""
WITH typed AS (
    SELECT lexeme AS word, positions[1] AS place, max(positions[1]) OVER () = positions[1] AS last
    FROM unnest(to_tsvector('catalogue_words', catalogue_text(:text)))
    ORDER BY place LIMIT :most
)
SELECT word, last,
    (tsvector_to_array(to_tsvector('catalogue', word)))[1] AS stem,
    EXISTS (SELECT FROM word known WHERE known.word = typed.word) AS known,
    CASE WHEN last THEN ARRAY(
        SELECT ARRAY[longer.word, (tsvector_to_array(to_tsvector('catalogue', longer.word)))[1]]
        FROM word longer
        WHERE longer.word ~>=~ typed.word AND longer.word ~<~ (typed.word || chr(1114111))
        ORDER BY longer.products DESC, longer.word LIMIT :completions
    ) ELSE '{}' END AS completions
FROM typed ORDER BY place
""")
_EXACT: Final = text("""
SELECT id FROM product WHERE withdrawn_at IS NULL AND lower(sku) = lower(:text)
UNION
SELECT id FROM product WHERE withdrawn_at IS NULL AND lower(external_id) = lower(:text)
ORDER BY id LIMIT 24
""")
_IN_SOME_PRODUCT: Final = text("""
SELECT EXISTS (
    SELECT FROM product
    WHERE withdrawn_at IS NULL AND search @@ to_tsquery('catalogue', :tsquery)
)
""")
_NEAREST: Final = text("""
SELECT word, products,
    to_tsvector('catalogue', word) = to_tsvector('catalogue', :word) AS same_stem
FROM word WHERE word % :word
ORDER BY similarity(word, :word) DESC, products DESC LIMIT 40
""")
_NEAREST_BEGINNING: Final = text("""
SELECT word, products,
    to_tsvector('catalogue', word) = to_tsvector('catalogue', :word) AS same_stem
FROM word WHERE :word <% word
ORDER BY word_similarity(:word, word) DESC, products DESC LIMIT 40
""")
_ANY_OF: Final = text("""
SELECT word, products,
    to_tsvector('catalogue', word) = to_tsvector('catalogue', :word) AS same_stem
FROM word WHERE word = ANY(:spellings)
""")
_THRESHOLDS: Final = text("""
SELECT set_config('pg_trgm.similarity_threshold', '0.25', true),
    set_config('pg_trgm.word_similarity_threshold', '0.4', true)
""")


def understand(connection: Connection, typed: str) -> Wording:
    """Turn what somebody typed into what is searched, correcting words that nothing has."""
    if not typed:
        return Wording()
    terms: list[str] = []
    words: list[str] = []
    is_corrected = False
    for row in connection.execute(
        _CUT, {"text": typed, "most": MAX_WORDS, "completions": COMPLETIONS}
    ):
        is_found = row.known or row.completions or row.stem is None
        nearest = None if is_found else _correct(connection, row.word, is_last=row.last)
        is_corrected = is_corrected or nearest is not None
        words.append(nearest or row.word)
        if choices := [f"'{nearest}'"] if nearest else _choices(row):
            terms.append(f"({' | '.join(choices)})")
    return Wording(
        tsquery=" & ".join(terms),
        corrected=" ".join(words) if is_corrected else "",
        exact_ids=tuple(connection.scalars(_EXACT, {"text": typed})),
    )


def _choices(row: Row[Any]) -> list[str]:
    """Return what one word may stand for, nothing for a filler.

    Words hold letters and figures only, so nothing in them needs quoting.
    """
    if not row.last:
        return [f"'{row.word}'"] if row.stem else []
    # A whole word whose longer ones are all at hand needs no look at every lexeme it begins, which
    # takes the index several times as long.
    is_whole = row.known and len(row.completions) < COMPLETIONS
    is_long = len(row.word) >= PREFIX_FROM and row.stem is not None and not is_whole
    begun = f"'{row.word}':*" if is_long else f"'{row.word}'"
    # Stemming shortens a whole word more than its beginning: "universal" becomes "univers", which
    # does not begin with "universa". Such words are asked for themselves.
    completions = [
        f"'{word}'"
        for word, stem in row.completions
        if stem is not None and word != row.word and not (is_long and stem.startswith(row.stem))
    ]
    return [begun, *completions] if row.stem else completions


def _correct(connection: Connection, word: str, *, is_last: bool) -> str | None:
    """Return the nearest word of the vocabulary, None where `word` is right or none is near."""
    # Figures are sizes and article numbers: another one is another thing, not a typo.
    if any(letter.isdigit() for letter in word) or len(word) < PREFIX_FROM:
        return None
    near = _near(connection, word, is_last=is_last)
    if any(row.same_stem for row in near):
        return None
    # The vocabulary is made of names, brands and categories; the word may stand in a description.
    if connection.scalar(_IN_SOME_PRODUCT, {"tsquery": f"'{word}'" + (":*" if is_last else "")}):
        return None
    allowed = 1 if len(word) <= SHORT else 2 if len(word) <= 2 * SHORT else 3
    scored = [
        (
            _distance(word, row.word, is_beginning=is_last),
            _distance(word, row.word, is_beginning=False),
            -row.products,
            row.word,
        )
        for row in near
    ]
    best = min(scored, default=None)
    return best[-1] if best is not None and best[0] <= allowed else None


def _near(connection: Connection, word: str, *, is_last: bool) -> list[Row[Any]]:
    """Return words of the vocabulary that look like `word`.

    A short word shares too few groups of three letters with its misspellings, but has few enough
    of them to ask for each.
    """
    if len(word) <= SHORT:
        return list(connection.execute(_ANY_OF, {"word": word, "spellings": _one_edit_away(word)}))
    connection.execute(_THRESHOLDS)
    near = list(connection.execute(_NEAREST, {"word": word}))
    if is_last:
        near += connection.execute(_NEAREST_BEGINNING, {"word": word})
    return near


def _one_edit_away(word: str) -> list[str]:
    """Return every word that differs by one letter left out, swapped, replaced or put in."""
    halves = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    left_out = {head + tail[1:] for head, tail in halves if tail}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in halves if len(tail) > 1}
    replaced = {
        head + letter + tail[1:] for head, tail in halves if tail for letter in ascii_lowercase
    }
    put_in = {head + letter + tail for head, tail in halves for letter in ascii_lowercase}
    return sorted((left_out | swapped | replaced | put_in) - {word})


def _distance(typed: str, word: str, *, is_beginning: bool) -> int:
    """Count the letters put in, left out, replaced or swapped between two words.

    With `is_beginning`, `typed` may be the beginning of `word`.
    """
    rows = [list(range(len(word) + 1))]
    for i, letter in enumerate(typed, 1):
        row = [i]
        for j, other in enumerate(word, 1):
            cost = min(row[-1] + 1, rows[-1][j] + 1, rows[-1][j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == word[j - 2] and typed[i - 2] == other:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return min(rows[-1]) if is_beginning else rows[-1][-1]
