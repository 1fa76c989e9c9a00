"""What came from outside is shown whatever it holds."""

import json

from schwung.collect.readable import readable


def test_numbers_beyond_64_bits_are_their_text() -> None:
    long = "1" + "0" * 5_000
    text = f'{{"a": 1e400, "b": {long}, "c": 9223372036854775808, "d": 12.5, "e": -3, "f": NaN}}'
    shown = readable(text)
    assert shown == {"a": "1e400", "b": long, "c": "9223372036854775808", "d": 12.5, "e": -3, "f": "NaN"}


def test_what_is_too_deep_or_no_json_is_its_text() -> None:
    for depth in (60, 900, 200_000):
        text = '{"a":' * depth + "1" + "}" * depth
        assert readable(text.encode()) == text
    assert readable(b"\xff{") == "\ufffd{" and readable("[" * 40 + "]" * 40) != "[" * 40 + "]" * 40
    json.dumps(readable("[" * 49 + "]" * 49), indent=2)
