"""Pages of a long list: there and back, with rows that come in meanwhile."""

import pytest

from balie.lib.keyset import Place, Stretch, cut, read_place

SIZE = 3


def page(numbers: list[int], place: Place) -> Stretch[int]:
    """As SQL would give it, the smallest first."""
    if place.back:
        fitting = [n for n in reversed(numbers) if place.key is None or n < place.key]
    else:
        fitting = [n for n in numbers if place.key is None or n > place.key]
    return cut(fitting[: SIZE + 1], place, size=SIZE, key=lambda n: n)


@pytest.mark.parametrize("count", range(8))
def test_one_walks_through_all_of_it_and_back(count):
    numbers = list(range(1, count + 1))
    pages = [page(numbers, Place())]
    while pages[-1].after is not None:
        pages.append(page(numbers, Place(pages[-1].after)))
    assert [n for each in pages for n in each.rows] == numbers
    assert pages[0].before is None
    assert pages[0].whole == (count <= SIZE)
    back = [pages[-1]]
    while back[-1].before is not None:
        back.append(page(numbers, Place(back[-1].before, back=True)))
    assert [each.rows for each in reversed(back)] == [each.rows for each in pages]


def test_what_comes_in_meanwhile_moves_nothing():
    first = page([2, 4, 6, 8], Place())
    assert page([1, 2, 3, 4, 6, 7, 8], Place(first.after)).rows == [7, 8]


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({}, Place()),
        ({"na": "12"}, Place(12)),
        ({"voor": "12"}, Place(12, back=True)),
        ({"na": ""}, None),
        ({"na": "-1"}, None),
        ({"voor": "twaalf"}, None),
        ({"na": "9" * 19}, None),
    ],
)
def test_an_address_says_where_a_page_begins(query, place):
    assert read_place(query) == place
