import sys
from datetime import date

SYNODIC_MONTH = 29.530588
NEW_MOON = date(2000, 1, 6)


def age(day: date) -> float:
    """Days since the last new moon."""
    return (day - NEW_MOON).days % SYNODIC_MONTH


def main() -> None:
    print(f"{age(date.fromisoformat(sys.argv[1])):.1f} days")
