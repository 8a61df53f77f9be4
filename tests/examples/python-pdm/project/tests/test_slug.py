from tidy_slugs import slug


def test_slug() -> None:
    assert slug("Crème brûlée, twice!") == "creme-brulee-twice"
