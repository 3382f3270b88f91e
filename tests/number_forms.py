"""Numbers of every country in the spellings that people use, for comparison with the library."""

import phonenumbers
from phonenumbers import CountryCodeSource, PhoneMetadata, PhoneNumberFormat, PhoneNumberType
from phonenumbers.re_util import enable_pattern_cache

enable_pattern_cache()  # else the library compiles each country's patterns again and again

REGIONS = (*sorted(phonenumbers.SUPPORTED_REGIONS), None)
CODES = tuple(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE))


def examples():
    """Return the library's example for every region or world-wide code and every type."""
    found = []
    for kind in PhoneNumberType.values():
        found += [phonenumbers.example_number_for_type(region, kind) for region in REGIONS[:-1]]
    found += [
        phonenumbers.example_number_for_non_geo_entity(code)
        for code in phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS
    ]
    return [example for example in found if example is not None]


def spellings(parsed, chance):
    """Return a number as it is typed at home and abroad, and with digits spoilt."""
    e164 = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    national = phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)
    abroad = phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)
    digits = "".join(filter(str.isdigit, national))
    significant = phonenumbers.national_significant_number(parsed)
    return [
        e164,
        abroad,
        national,
        digits,
        significant,
        e164[1:],
        "00" + e164[1:],
        f"({significant[:3]}) {significant[3:]}",
        e164[:-1],
        e164 + chance.choice("0123456789"),
        _spoilt(e164, chance),
        _spoilt(digits, chance),
        _spoilt(significant, chance),
    ]


def random_number(chance):
    """Return the digits of a plan's own lengths behind a random country code."""
    code = chance.choice(CODES)
    region = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code][0]
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    length = chance.choice(metadata.general_desc.possible_length)
    return code, "".join(chance.choices("0123456789", k=length))


def by_library(text, region):
    """Return the library's E.164, kind, whether geographic and without plus; None if not valid.

    A number without its area code, as +1 310 1234, is valid to the library, but cannot be dialed.
    """
    try:
        parsed = phonenumbers.parse(text, region, keep_raw_input=True)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    kind = phonenumbers.number_type(parsed)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE or kind == PhoneNumberType.UNKNOWN:
        return None
    number = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    geographic = phonenumbers.is_number_type_geographical(kind, parsed.country_code)
    without_plus = parsed.country_code_source == CountryCodeSource.FROM_NUMBER_WITHOUT_PLUS_SIGN
    return number, PhoneNumberType.to_string(kind).lower(), geographic, without_plus


def _spoilt(digits, chance):
    place = chance.randrange(1, len(digits))
    return digits[:place] + chance.choice("0123456789") + digits[place + 1 :]
