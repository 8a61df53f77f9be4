def gross(net: int, rate: int) -> int:
    """Cents, rounded half up."""
    return (net * (100 + rate) * 2 + 100) // 200
