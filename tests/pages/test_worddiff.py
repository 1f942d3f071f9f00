"""What changed between two texts, word by word."""

from hypothesis import given
from hypothesis import strategies as st

from pages.worddiff import Piece, word_diff


def test_same_texts_are_one_piece() -> None:
    assert word_diff("Voice guide", "Voice guide") == [Piece("same", "Voice guide")]


def test_a_word_put_in_and_one_replaced() -> None:
    assert word_diff("Keeping a size table", "Keeping one size table, for all") == [
        Piece("same", "Keeping "),
        Piece("remove", "a"),
        Piece("add", "one"),
        Piece("same", " size table"),
        Piece("add", ", for all"),
    ]


def test_neighbouring_words_make_one_phrase() -> None:
    assert word_diff("Writing long campaign copy here", "Writing short product stories here") == [
        Piece("same", "Writing "),
        Piece("remove", "long campaign copy"),
        Piece("add", "short product stories"),
        Piece("same", " here"),
    ]


def test_texts_with_little_in_common_are_replaced_whole() -> None:
    before, after = "Pictures that show the gear", "Nobody gives up at the basket"
    assert word_diff(before, after) == [Piece("remove", before), Piece("add", after)]


def test_nothing_before_or_after() -> None:
    assert word_diff("", "New") == [Piece("add", "New")]
    assert word_diff("Old", "") == [Piece("remove", "Old")]
    assert word_diff("", "") == []


def test_long_texts_are_compared_line_by_line_and_quickly() -> None:
    lines = [f"Line {n} of a long policy with quite a few words in it.\n" for n in range(2000)]
    pieces = word_diff("".join(lines), "".join([*lines[:1000], "A new line.\n", *lines[1000:]]))
    assert [piece.operation for piece in pieces] == ["same", "add", "same"]
    assert pieces[1].text == "A new line.\n"


@given(st.text(alphabet="ab ’'-.,\n", max_size=60), st.text(alphabet="ab ’'-.,\n", max_size=60))
def test_the_pieces_join_to_both_texts(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(piece.text for piece in pieces if piece.operation != "add") == before
    assert "".join(piece.text for piece in pieces if piece.operation != "remove") == after
