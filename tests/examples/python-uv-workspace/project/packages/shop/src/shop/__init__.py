from prices import gross


def receipt(cents: list[int]) -> str:
    return "\n".join(f"{gross(c, 19) / 100:.2f}" for c in cents)
