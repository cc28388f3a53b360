#!/usr/bin/env python3
"""Holds verdicts of yidang on identifiers against python-stdnum 2.2 and id-validator 1.0.20, which share no code with it.

Standard input: lines of `kind<TAB>number<TAB>verdict`, where

    kind      `ric` (18 characters, GB 11643), `uscc` (GB 32100), `reg` (15 digits, GS 15-2006),
              `ric15` (a first-generation number, 15 digits; the verdict is what it becomes)
    verdict   `ok`, or the code of the problem (`ID_CHECK`, `USCC_ORG_CHECK` ...), or for `ric15` 18 characters

Only what a library decides correctly is compared; each known difference is counted and printed, never passed over
in silence, and no number is printed:

    region and birth year   its `ric.validate` asks whether the region existed in the birth year, so it refuses the
                            number of everybody whose code is younger than he is; for `ric` the shape, the check
                            character (`calc_check_digit`) and the calendar date are compared
    date limits             it knows no earliest year and no event date; ours may refuse a date that exists
    province                it has no such step of its own; ours may refuse one after the check passed
    letters in front        its `uscc` refuses N2, J1, A1 and the like as a format; there the check character alone is
                            compared, over its own arithmetic
    first two characters    it has no table of authorities
    organisation code       it does not look at the check inside a code
    repair                  it has no reading of O as 0 and I as 1; a code with either is left out

Of id-validator, which is lenient about regions and knows resident numbers alone:

    unknown region          it refuses a region that its table lacks in every year; ours warns
    date limits             it knows no earliest year and no event date
    centenarians            sequences 996 to 999 of 15 digits mean births before 1900; it makes them 1900s

Exit status: 0 all agree, 1 at least one disagreement, 2 the input or the environment is not usable.
"""

from __future__ import annotations

import datetime
import functools
import sys
from collections import Counter
from importlib import metadata

try:
    import stdnum
    from stdnum.cn import ric, uscc
    from stdnum.iso7064 import mod_11_2, mod_11_10
except ImportError:
    sys.exit("stdnum_check: python-stdnum is not installed; run: pip install python-stdnum==2.2")
try:
    from id_validator import data
    from id_validator import helper as regions
    from id_validator import validator
except ImportError:
    sys.exit("stdnum_check: id-validator is not installed; run: pip install id-validator==1.0.20")

# The library makes its tables anew for every question, which is most of its time.
for table in ("get_address_code", "get_address_code_timeline", "get_additional_address_code_timeline"):
    setattr(data, table, functools.cache(getattr(data, table)))

USCC_ALPHABET = set("0123456789ABCDEFGHJKLMNPQRTUWXY")


def date_exists(digits: str) -> bool:
    try:
        datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def ric_verdict(number: str) -> str:
    """What the library makes of a number, in our codes, without region and date limits."""
    if len(number) != 18:
        return "ID_LEN"
    if not (number[:17].isascii() and number[:17].isdigit() and number[17] in "0123456789X"):
        return "ID_FORMAT"
    if ric.calc_check_digit(number) != number[17] or not mod_11_2.is_valid(number):
        return "ID_CHECK"
    return "ok" if date_exists(number[6:14]) else "ID_BIRTHDATE"


def compare_ric(number: str, ours: str, known: Counter) -> str | None:
    """The library's verdict if it contradicts ours, else None."""
    if "*" in number or len(number) != 18:
        known["ric: length or mask, not compared"] += 1
        return None
    second = compare_second(number, ours, known)
    if second is not None:
        return second
    theirs = ric_verdict(number)
    if theirs == ours:
        if theirs == "ok" and not ric.is_valid(number):
            known["ric: region did not exist in the birth year, says the library"] += 1
        return None
    if theirs == "ok" and ours == "ID_BIRTHDATE":
        known["ric: date outside our limits"] += 1
        return None
    if theirs == "ok" and ours == "ID_PROVINCE":
        known["ric: province, a step the library lacks"] += 1
        return None
    return theirs


def compare_second(number: str, ours: str, known: Counter) -> str | None:
    """What id-validator makes of 18 characters, if it contradicts ours, else None."""
    if ours not in ("ok", "ID_CHECK"):
        known[f"ric: {ours}, not asked of id-validator"] += 1
        return None
    if not regions.check_address_code(number[:6], number[6:14]):
        known["ric: region in no year, says id-validator"] += 1
        return None
    valid = bool(validator.is_valid(number))
    if valid == (ours == "ok"):
        return None
    return "id-validator: valid" if valid else "id-validator: invalid"


def compare_ric15(number: str, ours: str, known: Counter) -> str | None:
    if number[12:] in ("996", "997", "998", "999"):
        known["ric15: born before 1900, a rule id-validator lacks"] += 1
        return None
    theirs = validator.upgrade_id(number) or "refused"
    if theirs == "refused" and not regions.check_address_code(number[:6], "19" + number[6:12]):
        known["ric15: region in no year, says id-validator"] += 1
        return None
    return None if theirs == ours else "id-validator: another number"


def compare_uscc(number: str, ours: str, known: Counter) -> str | None:
    if any(letter in number for letter in "OI"):
        known["uscc: O or I, not compared"] += 1
        return None
    if len(number) != 18:
        return None if ours == "USCC_LEN" else "USCC_LEN"
    if not (set(number) <= USCC_ALPHABET and number[2:8].isdigit()):
        return None if ours == "USCC_FORMAT" else "USCC_FORMAT"
    check_agrees = uscc.calc_check_digit(number) == number[17]
    if number[:8].isdigit():
        theirs_valid = uscc.is_valid(number)
        if theirs_valid != check_agrees:
            return "the library contradicts itself"
    else:
        known["uscc: letters in front, check character alone compared"] += 1
    if ours == "ok":
        return None if check_agrees else "USCC_CHECK"
    if ours == "USCC_CHECK":
        return "ok" if check_agrees else None
    if ours in ("USCC_AUTHORITY", "USCC_ORG_CHECK"):
        known[f"uscc: {ours}, a step the library lacks"] += 1
        return None
    return "ok" if check_agrees else "USCC_CHECK"


def compare_reg(number: str, ours: str, known: Counter) -> str | None:
    if len(number) != 15:
        return None if ours == "REG_LEN" else "REG_LEN"
    if not (number.isascii() and number.isdigit()):
        return None if ours == "REG_FORMAT" else "REG_FORMAT"
    theirs = "ok" if mod_11_10.is_valid(number) else "REG_CHECK"
    return None if theirs == ours else theirs


COMPARE = {"ric": compare_ric, "ric15": compare_ric15, "uscc": compare_uscc, "reg": compare_reg}


def main() -> int:
    compared: Counter = Counter()
    known: Counter = Counter()
    disagreements = 0
    for place, line in enumerate(sys.stdin, start=1):
        parts = line.rstrip("\n").split("\t")
        if len(parts) != 3 or parts[0] not in COMPARE:
            print(f"stdnum_check: line {place} is not kind<TAB>number<TAB>verdict", file=sys.stderr)
            return 2
        kind, number, ours = parts
        compared[f"{kind} {'accepted' if ours == 'ok' or kind == 'ric15' else 'refused'}"] += 1
        theirs = COMPARE[kind](number, ours, known)
        if theirs is not None:
            disagreements += 1
            told = "a number" if kind == "ric15" else ours
            print(f"line {place}: {kind}: ours {told}, theirs {theirs}", file=sys.stderr)
    if not compared:
        print("stdnum_check: nothing to compare on standard input", file=sys.stderr)
        return 2
    print(f"python-stdnum {stdnum.__version__}, id-validator {metadata.version('id-validator')}")
    for label, count in sorted(compared.items()):
        print(f"compared  {label}: {count}")
    for label, count in sorted(known.items()):
        print(f"known     {label}: {count}")
    print(f"disagreements: {disagreements}")
    return 1 if disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
