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


# `stem` is NULL for a filler such as "the". A completion comes with its own stem. One row comes
# where no word was typed, for the articles.
_CUT: Final = text("""
WITH typed AS (
    SELECT lexeme AS word, positions[1] AS place, max(positions[1]) OVER () = positions[1] AS last
    FROM unnest(to_tsvector('catalogue_words', catalogue_text(:text)))
    ORDER BY place LIMIT :most
), article AS (
    SELECT ARRAY(
        SELECT id FROM product WHERE withdrawn_at IS NULL AND lower(sku) = lower(:text)
        UNION
        SELECT id FROM product WHERE withdrawn_at IS NULL AND lower(external_id) = lower(:text)
        ORDER BY id LIMIT 24
    ) AS ids
)
SELECT word, last, article.ids,
    (tsvector_to_array(to_tsvector('catalogue', word)))[1] AS stem,
    EXISTS (SELECT FROM word known WHERE known.word = typed.word) AS known,
    CASE WHEN last THEN ARRAY(
        SELECT ARRAY[longer.word, (tsvector_to_array(to_tsvector('catalogue', longer.word)))[1]]
        FROM word longer
        WHERE longer.word ~>=~ typed.word AND longer.word ~<~ (typed.word || chr(1114111))
        ORDER BY longer.products DESC, longer.word LIMIT :completions
    ) ELSE '{}' END AS completions
FROM article LEFT JOIN typed ON true ORDER BY place
""")
# For each word that nothing begins with: whether it stands in some description all the same, and
# words of the vocabulary that look like it. A short one shares too few groups of three letters with
# its misspellings, but has few enough of them to ask for each.
_NEAREST: Final = text("""
SELECT unknown.word, near.word AS near, near.products,
    to_tsvector('catalogue', near.word) = to_tsvector('catalogue', unknown.word) AS same_stem,
    EXISTS (
        SELECT FROM product
        WHERE withdrawn_at IS NULL AND search @@ to_tsquery('catalogue', unknown.sought)
    ) AS is_described
FROM unnest(
    CAST(:words AS text[]), CAST(:soughts AS text[]), CAST(:spellings AS text[]),
    CAST(:beginnings AS bool[])
) AS unknown (word, sought, spellings, is_beginning)
LEFT JOIN LATERAL (
    SELECT word, products FROM word WHERE word = ANY(string_to_array(unknown.spellings, ' '))
    UNION ALL
    (
        SELECT word, products FROM word WHERE unknown.spellings = '' AND word % unknown.word
        ORDER BY similarity(word, unknown.word) DESC, products DESC LIMIT 40
    )
    UNION ALL
    (
        SELECT word, products FROM word
        WHERE unknown.spellings = '' AND unknown.is_beginning AND unknown.word <% word
        ORDER BY word_similarity(unknown.word, word) DESC, products DESC LIMIT 40
    )
) near ON true
""")


def understand(connection: Connection, typed: str, *, corrects: bool) -> Wording:
    """Turn what somebody typed into what is searched.

    With `corrects` a word that nothing has becomes the one that looks most like it.
    """
    if not typed:
        return Wording()
    found = connection.execute(
        _CUT, {"text": typed, "most": MAX_WORDS, "completions": COMPLETIONS}
    ).all()
    rows = [row for row in found if row.word is not None]
    unknown = [row for row in rows if corrects and _is_unknown(row)]
    corrected = _correct(connection, unknown)
    terms: list[str] = []
    for row in rows:
        nearest = corrected.get(row.word)
        if choices := [f"'{nearest}'"] if nearest else _choices(row):
            terms.append(f"({' | '.join(choices)})")
    words: list[str] = [row.word for row in rows]
    return Wording(
        tsquery=" & ".join(terms),
        corrected=" ".join(corrected.get(word, word) for word in words) if corrected else "",
        exact_ids=tuple(found[0].ids),
    )


def _is_unknown(row: Row[Any]) -> bool:
    """Tell whether a word may be mistyped: no name has it, and nothing begins with it.

    Figures are sizes and article numbers: another one is another thing, not a typo.
    """
    is_found = row.known or row.completions or row.stem is None
    has_figure = any(letter.isdigit() for letter in row.word)
    return not (is_found or has_figure or len(row.word) < PREFIX_FROM)


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


def _correct(connection: Connection, unknown: list[Row[Any]]) -> dict[str, str]:
    """Return the nearest word of the vocabulary for each one that is mistyped.

    One that is right, or that nothing is near, is left out.
    """
    if not unknown:
        return {}
    values = {
        "words": [row.word for row in unknown],
        "soughts": [f"'{row.word}'" + (":*" if row.last else "") for row in unknown],
        "spellings": [
            " ".join(_one_edit_away(row.word)) if len(row.word) <= SHORT else "" for row in unknown
        ],
        "beginnings": [row.last for row in unknown],
    }
    near: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(_NEAREST, values):
        near.setdefault(row.word, []).append(row)
    nearest = {row.word: _nearest(near[row.word], is_last=row.last) for row in unknown}
    return {word: found for word, found in nearest.items() if found}


def _nearest(near: list[Row[Any]], *, is_last: bool) -> str | None:
    """Return the word with the fewest edits, None where the typed one is right or none is near."""
    # The vocabulary is made of names, brands and categories; the word may stand in a description.
    if any(row.same_stem or row.is_described for row in near):
        return None
    word = near[0].word
    allowed = 1 if len(word) <= SHORT else 2 if len(word) <= 2 * SHORT else 3
    scored = [
        (
            _distance(word, row.near, is_beginning=is_last),
            _distance(word, row.near, is_beginning=False),
            -row.products,
            row.near,
        )
        for row in near
        if row.near
    ]
    best = min(scored, default=None)
    return best[-1] if best is not None and best[0] <= allowed else None


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
