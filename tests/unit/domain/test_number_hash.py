"""What stands in place of a number that was forgotten."""

from inkbatch.domain.number_hash import hashed, is_hashed, new_key

HER, HIM = "+14155550102", "+14155550103"
ONE, OTHER = new_key(), new_key()


def test_a_number_is_known_again_by_the_key_of_its_database_alone():
    """The same number has the same hash there, another number or database another one."""
    assert hashed(HER, key=ONE) == hashed(HER, key=ONE)
    assert len({hashed(HER, key=ONE), hashed(HIM, key=ONE), hashed(HER, key=OTHER)}) == 3


def test_a_hash_tells_no_digit_of_the_number_and_is_never_hashed_again():
    """What was purged can be erased later, and is still known."""
    # As `openssl dgst -sha256 -mac HMAC` has it, too.
    told = hashed(HER, key="0" * 64)
    assert told == "hash:0f2e3aa0437ab9828572044a0152d768"
    assert is_hashed(told)
    assert not is_hashed(HER)
    assert hashed(told, key=ONE) == told
