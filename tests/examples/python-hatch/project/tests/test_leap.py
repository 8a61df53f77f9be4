from leap_years import is_leap


def test_centuries() -> None:
    assert is_leap(2000)
    assert not is_leap(1900)
