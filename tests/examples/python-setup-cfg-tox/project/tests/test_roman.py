import pytest

from roman import to_roman


@pytest.mark.parametrize("number, text", [(1, "I"), (4, "IV"), (2026, "MMXXVI")])
def test_to_roman(number, text):
    assert to_roman(number) == text


def test_zero_is_refused():
    with pytest.raises(ValueError):
        to_roman(0)
