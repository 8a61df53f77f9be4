from prices import gross


def test_gross() -> None:
    assert gross(1000, 19) == 1190
