use std::borrow::Cow;

use encoding_rs::{GBK, WINDOWS_1252};
use proptest::prelude::*;

use super::{Equality, equality, organisation, person};

fn spelled(raw: &str) -> String {
    person(raw)
        .unwrap_or_else(|problem| panic!("{raw}: {}", problem.code()))
        .text
        .into_owned()
}

fn code_of(raw: &str) -> &'static str {
    person(raw).unwrap_err().code()
}

#[test]
fn everyday_names_are_borrowed() {
    for name in [
        "张三",
        "阿卜杜拉·买买提",
        "欧阳修远",
        "CHAN TAI MAN",
        "O'NEIL-SMITH",
        "\u{20087}\u{4DAE}",
        "张\u{E79F}",
    ] {
        let found = person(name).unwrap();
        assert!(
            matches!(found.text, Cow::Borrowed(same) if same == name),
            "{name}"
        );
    }
    assert!(matches!(
        organisation("厦门甲乙(集团)有限公司").unwrap().text,
        Cow::Borrowed(_)
    ));
}

#[test]
fn every_dot_between_han_characters_is_one_dot() {
    for dot in [
        '\u{B7}', '\u{2022}', '\u{2027}', '\u{22C5}', '\u{30FB}', '\u{FF65}', '\u{FF0E}', '.',
        '\u{2024}',
    ] {
        assert_eq!(
            spelled(&format!("阿卜杜拉{dot}买买提")),
            "阿卜杜拉·买买提",
            "U+{:04X}",
            u32::from(dot)
        );
    }
    assert_eq!(spelled("阿卜杜拉 ・ 买买提"), "阿卜杜拉·买买提");
}

#[test]
fn latin_names_keep_dots_and_spaces_and_get_capitals() {
    assert_eq!(spelled("J.R. Smith"), "J.R. SMITH");
    assert_eq!(spelled("  chan   tai\u{3000}man "), "CHAN TAI MAN");
    assert_eq!(spelled("josé"), "JOSÉ");
    assert_eq!(spelled("JOSE\u{301}"), "JOSÉ");
}

#[test]
fn spaces_between_han_characters_go() {
    assert_eq!(spelled(" 张　 三 "), "张三");
    assert_eq!(spelled("\u{FEFF}张\u{200B}三\u{A0}"), "张三");
}

#[test]
fn letters_are_not_rewritten_by_compatibility() {
    assert_eq!(spelled("Ⅹ世"), "Ⅹ世");
    assert_eq!(spelled("㈱某"), "㈱某");
    // Canonical equivalents are one character.
    assert_eq!(spelled("\u{F900}文"), "\u{8C48}文");
}

#[test]
fn glyphs_of_old_gbk_systems_become_their_characters() {
    let found = person("刘\u{E863}").unwrap();
    assert_eq!(
        (found.text.as_ref(), found.repaired, found.private_use),
        ("刘䶮", true, false)
    );
    assert_eq!(found.text, person("刘\u{4DAE}").unwrap().text);
    assert_eq!(spelled("王\u{E816}"), "王\u{20087}");
}

#[test]
fn unknown_private_use_glyphs_are_kept_and_flagged() {
    let found = person("张\u{E79F}").unwrap();
    assert_eq!(found.text, "张\u{E79F}");
    assert_eq!(found.warnings().collect::<Vec<_>>(), ["NAME_PUA"]);
}

#[test]
fn test_values_digits_and_masks_are_refused() {
    for raw in [
        "测试",
        "测试一",
        "无",
        "不详",
        "xxx",
        "XXX",
        "test",
        "-",
        "无名氏",
        "／",
    ] {
        assert_eq!(code_of(raw), "NAME_PLACEHOLDER", "{raw}");
    }
    assert_eq!(code_of("张三2"), "NAME_DIGIT");
    assert_eq!(code_of("张三２"), "NAME_DIGIT");
    assert_eq!(code_of("张*三"), "NAME_MASKED");
    assert_eq!(code_of("张"), "NAME_LEN");
    assert_eq!(code_of(""), "NAME_LEN");
    assert_eq!(code_of(&"张".repeat(51)), "NAME_LEN");
    assert!(person(&"张李".repeat(25)).is_ok());
}

#[test]
fn known_traces_of_damage_are_found() {
    for raw in [
        "张\u{FFFD}",
        "锟斤拷",
        "锟斤拷锟斤拷",
        "烫烫烫",
        "屯屯屯屯",
        "张?三",
        "鍘﹂棬",
    ] {
        assert_eq!(code_of(raw), "NAME_MOJIBAKE", "{raw}");
    }
    assert_eq!(code_of("å¼\u{A0}ä¸‰"), "NAME_MOJIBAKE");
    assert_eq!(code_of("ÕÅÈý"), "NAME_MOJIBAKE");
}

/// Synthetic names out of common surnames and given names.
fn names() -> Vec<String> {
    let surnames = [
        "张", "王", "李", "赵", "陈", "林", "黄", "欧阳", "濮", "宓", "洪", "涂",
    ];
    let given = [
        "伟", "芳", "娜", "秀英", "敏", "静", "丽华", "强", "磊", "建国", "志明", "雅婷", "浩然",
        "子涵", "喆", "淑贞",
    ];
    surnames
        .iter()
        .flat_map(|surname| given.iter().map(move |given| format!("{surname}{given}")))
        .collect()
}

#[test]
fn utf8_names_read_as_gbk_or_latin_are_found_and_sound_ones_pass() {
    for name in names() {
        assert_eq!(
            person(&name).map(|found| found.text.into_owned()),
            Ok(name.clone())
        );
        let (as_gbk, _) = GBK.decode_without_bom_handling(name.as_bytes());
        assert_eq!(
            person(&as_gbk).map(|_| "sound"),
            Err(super::NameProblem::Mojibake),
            "{name}"
        );
        let (as_latin, _) = WINDOWS_1252.decode_without_bom_handling(name.as_bytes());
        assert_eq!(
            person(&as_latin).map(|_| "sound"),
            Err(super::NameProblem::Mojibake),
            "{name}"
        );
        let (gbk, ..) = GBK.encode(&name);
        let (gbk_as_latin, _) = WINDOWS_1252.decode_without_bom_handling(&gbk);
        assert_eq!(
            person(&gbk_as_latin).map(|_| "sound"),
            Err(super::NameProblem::Mojibake),
            "{name} {gbk_as_latin}"
        );
    }
}

#[test]
fn damage_that_shows_only_in_capitals_is_damage() {
    for raw in ["â®", "Â®"] {
        assert_eq!(code_of(raw), "NAME_MOJIBAKE", "{raw}");
        assert_eq!(
            organisation(raw).unwrap_err().code(),
            "NAME_MOJIBAKE",
            "{raw}"
        );
    }
}

#[test]
fn accented_latin_names_are_not_damage() {
    for name in ["JÉRÔME", "ÅSA ÖBERG", "Ñandú", "ÉLISE"] {
        assert!(person(name).is_ok(), "{name}");
    }
}

#[test]
fn organisations_fold_brackets_and_width() {
    for raw in [
        "厦门甲乙（集团）有限公司",
        "厦门甲乙 (集团) 有限公司",
        "厦门甲乙(集团)有限公司",
        "厦门甲乙（集团） 有限公司\t",
    ] {
        assert_eq!(organisation(raw).unwrap().text, "厦门甲乙(集团)有限公司");
    }
    assert_eq!(
        organisation("厦门 ａｂｃ 贸易有限公司").unwrap().text,
        "厦门ABC贸易有限公司"
    );
    assert_eq!(
        organisation("abc  (china)  ltd.").unwrap().text,
        "ABC (CHINA) LTD."
    );
    assert_eq!(organisation("7天酒店").unwrap().text, "7天酒店");
    assert_eq!(
        organisation("厦门测试技术有限公司").unwrap().text,
        "厦门测试技术有限公司"
    );
}

#[test]
fn organisations_of_nothing_are_refused() {
    for (raw, code) in [
        ("/", "NAME_PLACEHOLDER"),
        ("测试", "NAME_PLACEHOLDER"),
        ("12345", "NAME_DIGIT"),
        ("厦", "NAME_LEN"),
        ("厦门**公司", "NAME_MASKED"),
        ("鍘﹂棬", "NAME_MOJIBAKE"),
    ] {
        assert_eq!(organisation(raw).unwrap_err().code(), code, "{raw}");
    }
}

#[test]
fn two_spellings_are_equal_equal_after_repair_or_different() {
    let compared =
        |one: &str, other: &str| equality(&person(one).unwrap(), &person(other).unwrap());
    assert_eq!(
        compared("阿卜杜拉·买买提", "阿卜杜拉．买买提"),
        Equality::Equal
    );
    assert_eq!(
        compared("李\u{4DAE}", "李\u{E863}"),
        Equality::EqualAfterRepair
    );
    assert_eq!(
        compared("李\u{E863}", "李\u{E863}"),
        Equality::EqualAfterRepair
    );
    assert_eq!(compared("李\u{E79F}", "李\u{4DAE}"), Equality::Different);
    assert_eq!(compared("张三", "张山"), Equality::Different);
}

#[test]
fn debug_hides_the_name() {
    assert_eq!(
        format!("{:?}", person("张三").unwrap()),
        "Name(2 characters)"
    );
}

proptest! {
    #[test]
    fn spelling_twice_is_spelling_once(raw in "\\PC*|[张三阿·.． 　a-zA-Z\u{E816}\u{E79F}（）()]{1,12}") {
        if let Ok(name) = person(&raw) {
            let again = person(&name.text).map(|name| name.text.into_owned());
            prop_assert_eq!(again, Ok(name.text.clone().into_owned()));
        }
        if let Ok(name) = organisation(&raw) {
            let again = organisation(&name.text).map(|name| name.text.into_owned());
            prop_assert_eq!(again, Ok(name.text.clone().into_owned()));
        }
    }
}
