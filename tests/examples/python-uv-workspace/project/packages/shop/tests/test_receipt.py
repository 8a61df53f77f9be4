from shop import receipt


def test_receipt() -> None:
    assert receipt([1000, 500]) == "11.90\n5.95"
