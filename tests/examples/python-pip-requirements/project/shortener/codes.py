ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


def encode(number):
    """The number in base 36."""
    digits = ""
    while True:
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
        if number == 0:
            return digits
