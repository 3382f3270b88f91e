"""Numbers as people and spreadsheets write them."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.number_plans import plan_of_start
from inkbatch.adapters.call_lists.numbers import read_number
from inkbatch.adapters.call_lists.plain_numbers import read_plain


def example(region, kind):
    """Return the library's own example number in E.164."""
    kind = getattr(phonenumbers.PhoneNumberType, kind)
    parsed = phonenumbers.example_number_for_type(region, kind)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("+14155550132", None, "+14155550132"),
        ("+1 415 555 0132", None, "+14155550132"),
        ("+1.415.555.0132", None, "+14155550132"),
        ("(+1) 415 555 0132", None, "+14155550132"),
        ("4155550132", "US", "+14155550132"),
        ("(415) 555-0132", "US", "+14155550132"),
        ("(415)555-0132", "CA", "+14155550132"),
        ("415.555.0132", "US", "+14155550132"),
        ("011 44 20 7946 0123", "US", "+442079460123"),
        ("+44 20 7946 0123", "US", "+442079460123"),
        ("0044 20 7946 0123", "GB", "+442079460123"),
        ("020 7946 0123", "GB", "+442079460123"),
        ("2079460123", "GB", "+442079460123"),
    ],
)
def test_usual_spellings_are_accepted_as_they_stand(text, region, number):
    """A number that leaves no doubt is read, national or international, with no finding."""
    reading = read_number(text, region=region)
    assert (reading.number, reading.repair) == (number, None)


@pytest.mark.parametrize(
    ("text", "region", "number", "repair"),
    [
        ("4155550132.0", "US", "+14155550132", "decimal"),
        ("+14155550132.00", None, "+14155550132", "decimal"),
        ("14155550132", "US", "+14155550132", "plus"),
        ("442079460123", "GB", "+442079460123", "plus"),
        ("4155550132,0", "US", "+14155550132", "decimal"),
        ("4.155550132E+09", "US", "+14155550132", "power of ten"),
        ("4,155,550,132", "US", "+14155550132", "thousands"),
        ("+1\u00a0415\u202f555\u20110132", None, "+14155550132", "odd spaces"),
        ("\u200b+14155550132\u202c", None, "+14155550132", "odd spaces"),
        (
            "\uff0b\uff11\uff14\uff11\uff15\uff15\uff15\uff15\uff10\uff11\uff13\uff12",
            None,
            "+14155550132",
            "odd",
        ),
        (
            "\u0660\u0662\u0660\u0667\u0669\u0664\u0666\u0660\u0661\u0662\u0663",
            "GB",
            "+442079460123",
            "odd",
        ),
        ("tel:+1-415-555-0132", None, "+14155550132", "word"),
        ("Mobile: (415) 555-0132", "US", "+14155550132", "word"),
        ("'4155550132", "US", "+14155550132", "apostrophe"),
        ("+44 (0)20 7946 0123", "US", "+442079460123", "(0)"),
        ("0044 20 7946 0123", "US", "+442079460123", "began with 00"),
        ("'14155550132.0", "US", "+14155550132", "apostrophe"),
        ("'14155550132.0", "US", "+14155550132", "decimal"),
        ("'14155550132.0", "US", "+14155550132", "plus"),
    ],
)
def test_certain_repairs_are_made_and_told(text, region, number, repair):
    """What a spreadsheet did to a number is undone where only one number can have been meant."""
    reading = read_number(text, region=region)
    assert reading.number == number
    assert repair in str(reading.repair)


@pytest.mark.parametrize(
    ("text", "region", "reason"),
    [
        ("", "US", "there is no phone number"),
        ("4.15555E+09", "US", "digits are lost"),
        ("4,15555E+09", "US", "digits are lost"),
        ("call after lunch", "US", "letters"),
        ("1-800-FLOWERS", "US", "letters"),
        ("-", "US", "no phone number"),
        ("415555013", "US", "too short"),
        ("41555501321", "US", "too long"),
        ("5550132", "US", "no area code"),
        ("+1 999 555 0132", None, "no such number"),
        ("442079460123", "US", "too long"),
        ("4155550132", None, "no country code"),
        ("+999 555 0132", None, "no country has this country code"),
        ("+14155550132 / +14155550133", None, "more than one number"),
        ("4155550132 or 4155550133", "US", "more than one number"),
        ("4155550132\n4155550133", "US", "more than one number"),
        ("3012345 3054321", "DE", "more than one number"),
        ("030 1234567/68", "DE", "more than one number"),
        ("+14155550132 x4155550133", None, "more than one number"),
        ("9" * 300, "US", "no phone number"),
        ("+14155550132, " * 90, "US", "more than one number"),
        ("#N/A", "US", "error or an uncalculated formula"),
        ("#FORMULA", "US", "error or an uncalculated formula"),
        ("##########", "US", "error or an uncalculated formula"),
        ("TRUE", "US", "yes or no"),
        ("2026-11-30", "DE", "date"),
        ("2026-11-30 10:00:00", "DE", "date"),
        ("30.11.2026", "DE", "date"),
        ("30123456.5", "DE", "decimals"),
        ("-4155550132", "US", "negative"),
        ("nan", "US", "there is no phone number"),
        ("415555013?", "US", "characters that no number has"),
        ("*67 4155550132", "US", "characters that no number has"),
        ("+1415555013\u00b2", None, "characters that no number has"),
        ("0044 20 7946 0123", None, "in place of a leading 00"),
        ("+13101234", None, "no area code"),
    ],
)
def test_what_would_need_a_guess_is_refused(text, region, reason):
    """A wrong guess calls a stranger, so a doubtful number is rejected with what to do."""
    with pytest.raises(BadCell, match=reason):
        read_number(text, region=region)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("030 12345 - 030 12346", "DE"),
        ("030 12345 030 12346", "DE"),
        ("(030) 12345 (030) 12346", "DE"),
        ("030-12345.030-12346", "DE"),
        ("+49 30 12345 / 030 12346", "DE"),
        ("0221 12345 / 12346", "DE"),
        ("030 12345-12346", "DE"),
        ("0049 30 12345-12346", "DE"),
        ("+49 (0)30 12345-12346", None),
        ("01 51234 / 51235", "AT"),
        ("01 51234-51235", "AT"),
        ("+43 1 51234-51235", None),
        ("+1 480 555 0136 / +1 480 555 0137", "US"),
    ],
)
def test_two_short_numbers_are_not_joined_into_a_long_one(text, region):
    """Where numbers have no fixed length, two of them in one cell never become a third one's."""
    with pytest.raises(BadCell, match="more than one number"):
        read_number(text, region=region)


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("0221 / 12345678", "DE", "+4922112345678"),
        ("(0221) 12345-0", "DE", "+49221123450"),
        ("(0221) 12345-12", "DE", "+492211234512"),
        ("02234/123456", "DE", "+492234123456"),
        ("02234 - 123456", "DE", "+492234123456"),
        ("+49 36601/12345", None, "+493660112345"),
        ("0049 36601/12345", "DE", "+493660112345"),
        ("+49 (0) 36601-12345", None, "+493660112345"),
        ("(11) 91234-0567", "BR", "+5511912340567"),
        ("98765-43210", "IN", "+919876543210"),
        ("+91 98765-01234", None, "+919876501234"),
        ("91-98765-43210", "IN", "+919876543210"),
        ("011 91 98765-43210", "US", "+919876543210"),
    ],
)
def test_one_number_in_long_groups_is_not_taken_for_two(text, region, number):
    """Area codes of five digits, extensions and a country's own grouping are read as one number."""
    assert read_number(text, region=region).number == number


def test_numbers_reserved_for_fiction_are_valid():
    """The sample campaigns can be read: 555-01xx and London's 7946 0xxx count as valid."""
    for number in ("+12125550100", "+18085550199", "+442079460000", "+442079460999"):
        assert read_number(number, region=None).number == number


@pytest.mark.parametrize(
    ("text", "region", "reason"),
    [
        ("911", "US", "emergency"),
        ("+1 911", None, "emergency"),
        ("999", "GB", "emergency"),
        ("112", "DE", "emergency"),
        ("911", None, "too short"),
        ("211", "US", "short code"),
        ("+1 900 555 0132", None, "premium-rate"),
        ("9005550132", "US", "premium-rate"),
        (example("DE", "PAGER"), None, "pager"),
        (example("DE", "VOICEMAIL"), None, "mailbox"),
    ],
)
def test_numbers_where_nobody_should_be_called_are_refused(text, region, reason):
    """Emergency services, paid lines and machines are never dialed, however they are written."""
    with pytest.raises(BadCell, match=reason):
        read_number(text, region=region)


@pytest.mark.parametrize(
    ("number", "kind", "is_geographic"),
    [
        ("+14155550132", "fixed_line_or_mobile", True),
        ("+442079460123", "fixed_line", True),
        ("+18005550132", "toll_free", False),
        (example("GB", "MOBILE"), "mobile", False),
        (example("BR", "MOBILE"), "mobile", True),
        (example("DE", "SHARED_COST"), "shared_cost", False),
        (example("GB", "VOIP"), "voip", False),
        ("+80012345678", "toll_free", False),
    ],
)
def test_the_kind_of_a_number_is_told(number, kind, is_geographic):
    """Who decides on windows, prices and voices needs to know what kind of line it is."""
    reading = read_number(number, region=None)
    assert (reading.kind, reading.is_geographic) == (kind, is_geographic)


@pytest.mark.parametrize(
    ("text", "extension"),
    [
        ("+14155550132 x12", "12"),
        ("+1 415 555 0132 ext. 4", "4"),
        ("(415) 555-0132 extension 0042", "0042"),
        ("415-555-0132 #4", "4"),
        ("tel:+1-415-555-0132;ext=12", "12"),
        ("4155550132, 17", "17"),
        ("4155550132,,123#", "123"),
    ],
)
def test_an_extension_is_split_off_and_kept(text, extension):
    """The number is dialed without its extension, which is not lost and not mixed in."""
    reading = read_number(text, region="US")
    assert (reading.number, reading.extension) == ("+14155550132", extension)
    assert "extension" in str(reading.repair)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("+14155550132", None),
        ("(415) 555-0132", "US"),
        ("604.555.0132", "CA"),
        ("14155550132", "US"),
        ("+44 20 7946 0123", "US"),
        ("020 7946 0123", "GB"),
    ],
)
def test_the_usual_spellings_take_the_quick_way(text, region):
    """A million rows are read in seconds only if the common forms do not go to the library."""
    assert read_plain(text, region) is not None


@pytest.mark.parametrize("region", ["AR", "AU", "BR", "DE", "ES", "FR", "IN", "IT", "JP", "PL"])
@pytest.mark.parametrize("kind", ["FIXED_LINE", "MOBILE"])
def test_other_countries_take_the_quick_way_too(region, kind):
    """Lists from abroad are read as quickly as those from North America."""
    assert read_plain(example(region, kind), None) is not None


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("4155550132", None),
        ("2026-11-30", "DE"),
        ("30123456.5", "DE"),
        ("3012345 3054321", "DE"),
        ("30123", "DE"),
        ("+019005550132", None),
        ("911", "US"),
        ("", "US"),
        ("\u0664\u0661\u0665\u0665\u0665\u0665\u0660\u0661\u0663\u0662", "US"),
    ],
)
def test_what_may_be_no_number_goes_the_slow_way(text, region):
    """Dates, decimals, several numbers and guesses at a country never pass as plain digits."""
    assert read_plain(text, region) is None


def test_no_country_code_begins_with_a_zero():
    """A plus before a number's national zero leads to no other country."""
    assert plan_of_start("062") is None
    assert plan_of_start("62") is not None


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=40), region=st.sampled_from(["US", "DE", "BR", None]))
def test_any_text_is_read_or_refused(text, region):
    """Nothing that a cell can hold makes the reader fail, and what it reads is a valid number."""
    try:
        number = read_number(text, region=region).number
    except BadCell:
        return
    assert phonenumbers.is_valid_number(phonenumbers.parse(number))


@settings(max_examples=200, deadline=None)
@given(
    lead=st.sampled_from(["", "'", "\u200e", "tel:", " \u00a0"]),
    gap=st.sampled_from(["", " ", "-", ".", "\u00a0", "\u2011", "\u200b"]),
    tail=st.sampled_from(["", ".0", " x12", " ext. 12", ";ext=12", "\ufeff"]),
    plus=st.sampled_from(["+1", "1", "+1 ", ""]),
)
def test_no_mixture_of_repairs_changes_the_number(lead, gap, tail, plus):
    """Whatever damage comes together, the person's number is read or the row is refused."""
    text = f"{lead}{plus}415{gap}555{gap}0132{tail}"
    try:
        reading = read_number(text, region="US")
    except BadCell:
        return
    assert reading.number == "+14155550132"
    assert reading.extension == ("12" if "12" in tail else None)
