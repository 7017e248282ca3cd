"""Mobile numbers: kept as E.164 writes them, shown as people dial them."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

_HOME, _HOME_CODE = "NL", 31
_CAN_BE_TEXTED = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


class NotAMobileNumberError(ValueError):
    """No text message can go there."""


def read_mobile(text: str) -> str:
    """E.164 from whatever people write: `06 12 34 56 78`, `0031612345678`, `+32 470 12 34 56`.

    Raises NotAMobileNumberError.
    """
    try:
        number = phonenumbers.parse(text, _HOME)
    except NumberParseException as error:
        raise NotAMobileNumberError(text) from error
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in _CAN_BE_TEXTED:
        raise NotAMobileNumberError(text)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def show_mobile(number: str) -> str:
    """`06 12345678` for `+31612345678`; numbers of other countries with their code; nothing for nothing."""
    if not number:
        return ""
    parsed = phonenumbers.parse(number)
    at_home = parsed.country_code == _HOME_CODE
    form = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)
