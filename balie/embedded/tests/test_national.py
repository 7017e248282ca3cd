"""The imaginary country: like the real one in size, and always the same."""

import random
from datetime import date, timedelta

from balie.embedded.national import CAP_PERCENT, STEP, imagine_country, imagine_wishes, split_over_places

COUNTRY = imagine_country()


def test_it_is_about_as_large_as_the_netherlands():
    assert len(COUNTRY) == 5000
    assert 17_000_000 < sum(each.registered for each in COUNTRY) < 19_500_000
    assert 3_300_000 < sum(each.wanted["flu"] for each in COUNTRY) < 4_000_000
    assert 5_300 < sum(len(each.places) for each in COUNTRY) < 6_500


def test_it_is_always_the_same_and_begins_the_same():
    assert imagine_country(40) == COUNTRY[:40]
    assert imagine_country(40, seed=1) != COUNTRY[:40]


def test_its_practices_keep_the_rules():
    assert len({each.agb_code for each in COUNTRY}) == len({each.name for each in COUNTRY}) == 5000
    for each in COUNTRY:
        assert len(each.agb_code) == 8
        assert each.agb_code.isdecimal()
        assert len({place.name for place in each.places}) == len(each.places)
        for code, doses in each.wanted.items():
            assert doses >= STEP
            assert doses % STEP == 0
            assert doses * 100 <= each.last_year[code].ordered * CAP_PERCENT


def test_wishes_are_early_and_go_on_later():
    days = [date(2027, 9, 13) + timedelta(days=offset) for offset in range(60)]
    wishes = [imagine_wishes(days, random.Random(number)) for number in range(500)]
    assert all(list(each) == sorted(set(each)) and each for each in wishes)
    assert sum(each[0] < days[10] for each in wishes) > 350


def test_doses_are_split_without_loss():
    for number in range(200):
        chance = random.Random(number)
        doses, places = STEP * chance.randint(1, 90), chance.randint(1, 4)
        parts = split_over_places(doses, places, chance)
        assert sum(parts) == doses
        assert 1 <= len(parts) <= places
        assert all(part >= STEP and part % STEP == 0 for part in parts)
