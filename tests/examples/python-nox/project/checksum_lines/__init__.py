import hashlib


def checksums(text: str) -> list[str]:
    return [hashlib.sha256(line.encode()).hexdigest() for line in text.splitlines()]
