use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::{
    DateForms, DateOutcome, DateProblem, Precision, Sentinel, Zone, epoch_milliseconds, parse,
    truncated,
};

fn forms(list: &str) -> DateForms {
    DateForms::parse(list).unwrap()
}

fn read(raw: &str, list: &str) -> DateOutcome {
    parse(raw, &forms(list))
}

fn day(raw: &str, list: &str) -> Date {
    match read(raw, list) {
        DateOutcome::Date(day) => day,
        other => panic!("{raw} as {list}: {other:?}"),
    }
}

#[test]
fn every_form_reads_its_own_spelling() {
    let expected = date(1990, 1, 1);
    for (raw, form) in [
        ("19900101", "yyyyMMdd"),
        ("1990-01-01", "yyyy-MM-dd"),
        ("1990-1-1", "yyyy-M-d"),
        ("1990-01-01", "yyyy-M-d"),
        ("1990/01/01", "yyyy/MM/dd"),
        ("1990/1/1", "yyyy/M/d"),
        ("1990.01.01", "yyyy.MM.dd"),
        ("1990.1.1", "yyyy.M.d"),
        ("1990年1月1日", "yyyy年M月d日"),
        ("1990年01月01日", "yyyy年M月d日"),
        ("19900101000000", "yyyyMMddHHmmss"),
        ("1990-01-01 00:00:00", "yyyy-MM-dd HH:mm:ss"),
        ("1990-01-01 00:00:00.0", "yyyy-MM-dd HH:mm:ss"),
        ("1990/01/01 00:00:00", "yyyy/MM/dd HH:mm:ss"),
        ("1990/1/1 0:00:00", "yyyy/M/d H:mm"),
        ("1990/01/1 00:00", "yyyy/M/d H:mm"),
        ("1990-1-1 9:05", "yyyy-M-d H:mm"),
        ("1990-01-01T00:00:00+08:00", "iso"),
        ("1989-12-31T16:00:00Z", "iso"),
        ("1990-01-01T00:00:00", "iso"),
        ("1990-01-01", "iso"),
        ("631123200000", "epoch_ms"),
        ("631123200", "epoch_s"),
        ("32874", "excel"),
        ("32874.5", "excel"),
        ("01/01/1990", "MM/dd/yyyy"),
        ("1/1/1990", "MM/dd/yyyy"),
        ("１９９００１０１", "yyyyMMdd"),
        (" 1990-01-01\t", "yyyy-MM-dd"),
        ("'19900101", "yyyyMMdd"),
    ] {
        assert_eq!(day(raw, form), expected, "{raw} as {form}");
    }
}

#[test]
fn any_reads_all_unambiguous_forms_and_no_count() {
    for raw in [
        "19900101",
        "1990-01-01",
        "1990-1-1",
        "1990/01/01",
        "1990/1/1",
        "1990.01.01",
        "1990年1月1日",
        "19900101000000",
        "1990-01-01 00:00:00",
        "1990-01-01T00:00:00+08:00",
    ] {
        assert_eq!(day(raw, "any"), date(1990, 1, 1), "{raw}");
    }
    for raw in ["631123200000", "631123200", "32874", "01/01/1990"] {
        assert_eq!(
            read(raw, "any"),
            DateOutcome::Problem(DateProblem::Format),
            "{raw}"
        );
    }
}

#[test]
fn a_form_that_is_not_listed_is_refused() {
    for (raw, list) in [
        ("1990-01-01", "yyyyMMdd"),
        ("19900101", "yyyy-MM-dd|yyyy/MM/dd"),
        ("1990-1-1", "yyyy-MM-dd"),
        ("1990-01-01 00:00:00", "yyyy-MM-dd"),
        ("1990-01-01", "yyyy-MM-dd HH:mm:ss"),
        ("1990-01-01T00:00:00", "yyyy-MM-dd HH:mm:ss"),
        ("1990-01/01", "any"),
        ("1990年1月", "yyyy年M月d日"),
        ("1990-01-01 00:00", "any"),
        ("1990-01-01T00:00:00+0800", "any"),
        ("199-01-01", "any"),
        ("昨天", "any"),
        ("-", "any"),
        ("-", "epoch_ms"),
        ("1990-01-", "any"),
        ("1990-01-01x", "any"),
    ] {
        assert_eq!(
            read(raw, list),
            DateOutcome::Problem(DateProblem::Format),
            "{raw} as {list}"
        );
    }
}

#[test]
fn days_that_do_not_exist_are_invalid() {
    for (raw, list) in [
        ("19990229", "yyyyMMdd"),
        ("1990-13-01", "yyyy-MM-dd"),
        ("1990-00-10", "yyyy-MM-dd"),
        ("1990年2月30日", "any"),
        ("19900101240000", "any"),
        ("1990-01-01 00:60:00", "any"),
        ("199013", "yyyyMM"),
        ("60", "excel"),
        ("0", "excel"),
        ("99999999999999999999", "epoch_ms"),
        ("2026-11-22T23:50:00+24:00", "iso"),
    ] {
        assert_eq!(
            read(raw, list),
            DateOutcome::Problem(DateProblem::Invalid),
            "{raw} as {list}"
        );
    }
}

#[test]
fn epochs_follow_daylight_saving_and_older_history() {
    assert_eq!(day("583686000000", "epoch_ms"), date(1988, 7, 1));
    assert_eq!(day("684860400000", "epoch_ms"), date(1991, 9, 15));
    assert_eq!(day("631123200000", "epoch_ms"), date(1990, 1, 1));
    // 1942-07-01T00:00:00+09:00 and 1899-06-01T00:00:00+08:05:43.
    assert_eq!(day("-868006800000", "epoch_ms"), date(1942, 7, 1));
    assert_eq!(day("-2227507543000", "epoch_ms"), date(1899, 6, 1));
    assert_eq!(day("0", "epoch_s"), date(1970, 1, 1));
}

#[test]
fn a_calendar_form_goes_before_a_count() {
    assert_eq!(day("19900101", "yyyyMMdd|epoch_ms"), date(1990, 1, 1));
    assert_eq!(day("19901301", "yyyyMMdd|epoch_ms"), date(1970, 1, 1));
}

#[test]
fn months_stay_months() {
    for (raw, list) in [
        ("199001", "yyyyMM"),
        ("1990-01", "yyyy-MM"),
        ("1990年1月", "yyyy年M月"),
        ("199001", "any"),
    ] {
        assert_eq!(
            read(raw, list),
            DateOutcome::Partial {
                year: 1990,
                month: 1
            },
            "{raw}"
        );
    }
}

#[test]
fn sentinels_are_null_with_a_reason() {
    for (raw, reason) in [
        ("00000000", Sentinel::Zero),
        ("0000-00-00", Sentinel::Zero),
        ("0000-00-00 00:00:00", Sentinel::Zero),
        ("00000000000000", Sentinel::Zero),
        ("99991231", Sentinel::Year9999),
        ("9999-12-31", Sentinel::Year9999),
        ("9999-12-31 23:59:59", Sentinel::Year9999),
        ("99991231235959", Sentinel::Year9999),
        ("1900-01-01", Sentinel::Year1900),
        ("19000101", Sentinel::Year1900),
        ("1900/01/01", Sentinel::Year1900),
        ("", Sentinel::Empty),
        (" \u{3000}", Sentinel::Empty),
    ] {
        assert_eq!(read(raw, "any"), DateOutcome::Sentinel(reason), "{raw}");
    }
    assert_eq!(
        read("99991231", "yyyy-MM-dd"),
        DateOutcome::Sentinel(Sentinel::Year9999)
    );
    // 1900-01-01T00:00:00+08:05:43.
    assert_eq!(
        read("-2209017943000", "epoch_ms"),
        DateOutcome::Sentinel(Sentinel::Year1900)
    );
}

#[test]
fn an_open_end_is_no_null() {
    for raw in ["长期", "长期有效", " 长期 "] {
        assert_eq!(read(raw, "yyyy-MM-dd"), DateOutcome::OpenEnded, "{raw}");
    }
}

#[test]
fn unknown_names_of_forms_are_refused_with_all_known_ones() {
    let error = DateForms::parse("yyyyMMdd|yyyy-mm-dd").unwrap_err();
    assert!(
        error.contains("`yyyy-mm-dd`") && error.contains("epoch_ms"),
        "{error}"
    );
    assert!(DateForms::parse("").is_err());
    assert_eq!(forms("any"), DateForms::any());
}

#[test]
fn instants_are_read_in_their_zone() {
    let shanghai = Zone::shanghai();
    let instant = |raw: &str, list: &str| epoch_milliseconds(raw, &forms(list), &shanghai);
    assert_eq!(
        instant("20261123103045", "yyyyMMddHHmmss"),
        Ok(1_795_401_045_000)
    );
    assert_eq!(
        instant("2026-11-23 10:30:45", "yyyy-MM-dd HH:mm:ss"),
        Ok(1_795_401_045_000)
    );
    assert_eq!(
        instant("2026-11-23 10:30:45.123", "yyyy-MM-dd HH:mm:ss"),
        Ok(1_795_401_045_123)
    );
    assert_eq!(
        instant("2026-11-23T02:30:45Z", "iso"),
        Ok(1_795_401_045_000)
    );
    assert_eq!(
        instant("2026-11-23T10:30:45.1239+08:00", "iso"),
        Ok(1_795_401_045_123)
    );
    assert_eq!(instant("1795401045000", "epoch_ms"), Ok(1_795_401_045_000));
    assert_eq!(instant("20261123", "yyyyMMdd"), Ok(1_795_363_200_000));
    assert_eq!(instant("2026年11月23日", "any"), Ok(1_795_363_200_000));
    // Summer of 1988: UTC+9.
    assert_eq!(
        instant("19880701000000", "yyyyMMddHHmmss"),
        Ok(583_686_000_000)
    );
    assert_eq!(instant("1988-07-01 00:00:00", "any"), Ok(583_686_000_000));
    let utc = Zone::named("UTC").unwrap();
    assert_eq!(
        epoch_milliseconds("2026-11-23 02:30:45", &DateForms::any(), &utc),
        Ok(1_795_401_045_000)
    );
    assert!(Zone::named("Asia/Xiamen").is_err());
    assert_eq!(Zone::named("Asia/Shanghai"), Ok(shanghai));
}

#[test]
fn nothing_is_ordered_by_a_sentinel() {
    let shanghai = Zone::shanghai();
    let problem = |raw: &str| {
        epoch_milliseconds(raw, &DateForms::any(), &shanghai)
            .unwrap_err()
            .code()
    };
    for raw in [
        "",
        "00000000",
        "99991231235959",
        "长期",
        "199001",
        "1900-01-01 00:00:00",
    ] {
        assert_eq!(problem(raw), "DATE_SENTINEL", "{raw}");
    }
    assert_eq!(problem("20261123250000"), "DATE_INVALID");
    assert_eq!(problem("20260229000000"), "DATE_INVALID");
    assert_eq!(problem("soon"), "DATE_FORMAT");
}

#[test]
fn precision_is_that_of_the_finest_form_and_truncates() {
    assert_eq!(forms("yyyyMMdd").precision(), Precision::Day);
    assert_eq!(forms("yyyyMMddHHmmss").precision(), Precision::Second);
    assert_eq!(forms("epoch_ms").precision(), Precision::Millisecond);
    let shanghai = Zone::shanghai();
    assert_eq!(
        truncated(1_795_401_045_123, Precision::Day, &shanghai),
        1_795_363_200_000
    );
    assert_eq!(
        truncated(1_795_401_045_123, Precision::Second, &shanghai),
        1_795_401_045_000
    );
    assert_eq!(
        truncated(1_795_401_045_123, Precision::Millisecond, &shanghai),
        1_795_401_045_123
    );
    assert_eq!(
        truncated(583_700_000_000, Precision::Day, &shanghai),
        583_686_000_000
    );
    assert_eq!(truncated(i64::MIN, Precision::Day, &shanghai), i64::MIN);
}

fn reference_milliseconds(moment: jiff::civil::DateTime) -> i64 {
    moment
        .in_tz("Asia/Shanghai")
        .unwrap()
        .timestamp()
        .as_millisecond()
}

proptest! {
    #[test]
    fn the_quick_way_agrees_with_the_zone_database(seconds in -3_000_000_000i64..9_000_000_000) {
        let moment = date(1970, 1, 1).at(0, 0, 0, 0).checked_add(jiff::Span::new().seconds(seconds)).unwrap();
        if (moment.year(), moment.month(), moment.day()) == (1900, 1, 1) {
            return Ok(());
        }
        let expected = reference_milliseconds(moment);
        let shanghai = Zone::shanghai();
        for pattern in ["%Y%m%d%H%M%S", "%Y-%m-%d %H:%M:%S"] {
            let text = moment.strftime(pattern).to_string();
            prop_assert_eq!(epoch_milliseconds(&text, &DateForms::any(), &shanghai), Ok(expected));
        }
    }

    #[test]
    fn canonical_dates_are_their_own_canonical_form(days in 0i64..80_000) {
        let expected = date(1901, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
        for form in ["%Y%m%d", "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"] {
            let text = expected.strftime(form).to_string();
            prop_assert_eq!(parse(&text, &DateForms::any()), DateOutcome::Date(expected));
        }
    }

    #[test]
    fn no_text_panics(raw in "\\PC*|[-0-9/.年月日T: Z+]{0,30}", bits in 0usize..5) {
        let list = ["any", "epoch_s|excel|yyyyMM", "epoch_ms|MM/dd/yyyy", "iso", "yyyyMMdd|excel"][bits];
        let _ = parse(&raw, &forms(list));
        if let Err(problem) = epoch_milliseconds(&raw, &forms(list), &Zone::shanghai()) {
            prop_assert!(problem.code().starts_with("DATE_"));
        }
    }
}
