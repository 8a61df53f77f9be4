from checksum_lines import checksums


def test_one_for_each_line() -> None:
    assert len(checksums("a\nb\n")) == 2
