from datetime import date

from moon_phase import age


def test_a_new_moon_has_no_age() -> None:
    assert age(date(2000, 1, 6)) == 0
