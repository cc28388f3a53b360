//! Chinese numerals in front of the words that count houses, floors and rooms, as Arabic digits.
//!
//! Numerals in names (五一路, 二里) stay: they are no counts. Nothing is judged here.

/// What a house, its parts and its people are counted with.
const COUNTED: [&str; 9] = ["号", "幢", "栋", "座", "单元", "梯", "层", "楼", "室"];

/// The text with Arabic digits where a numeral counts, and 幢 for 栋 behind digits and letters.
pub(super) fn arabic(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = None;
    while let Some(character) = rest.chars().next() {
        let run = numeral_run(rest);
        if !run.is_empty() {
            let after = rest.get(run.len()..).unwrap_or_default();
            match value(run).filter(|_| counts(before, after)) {
                Some(digits) => written.push_str(&digits),
                None => written.push_str(run),
            }
            before = written.chars().last();
            rest = after;
            continue;
        }
        let behind_sign = before.is_some_and(|before: char| before.is_ascii_alphanumeric());
        written.push(if character == '栋' && behind_sign {
            '幢'
        } else {
            character
        });
        before = Some(character);
        rest = rest.get(character.len_utf8()..).unwrap_or_default();
    }
    written
}

fn counts(before: Option<char>, after: &str) -> bool {
    !before.is_some_and(|before| before.is_ascii_digit())
        && COUNTED.iter().any(|word| after.starts_with(word))
}

fn numeral_run(text: &str) -> &str {
    let end = text.find(|character| digit(character).is_none() && scale(character).is_none());
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

fn digit(character: char) -> Option<u32> {
    Some(match character {
        '〇' | '零' => 0,
        '一' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

fn scale(character: char) -> Option<u32> {
    match character {
        '十' => Some(10),
        '百' => Some(100),
        _ => None,
    }
}

/// Digits of a numeral: place by place (二〇三), or with tens and hundreds (一百二十); none for anything else.
fn value(run: &str) -> Option<String> {
    if run.chars().count() > 7 {
        return None;
    }
    if run.chars().all(|character| digit(character).is_some()) {
        let digits = run.chars().filter_map(digit);
        return Some(
            digits
                .filter_map(|each| char::from_digit(each, 10))
                .collect(),
        );
    }
    scaled(run).map(|number| number.to_string())
}

fn scaled(run: &str) -> Option<u32> {
    let (mut sum, mut waiting, mut smallest) = (0, None, 1_000);
    for character in run.chars() {
        match (digit(character), scale(character)) {
            // 零 only fills a gap.
            (Some(0), _) if waiting.is_none() && sum > 0 => {}
            (Some(number), _) if waiting.is_none() && number > 0 => waiting = Some(number),
            (None, Some(scale)) if scale < smallest => {
                sum += waiting.take().or((sum == 0 && scale == 10).then_some(1))? * scale;
                smallest = scale;
            }
            _ => return None,
        }
    }
    Some(sum + waiting.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::{arabic, value};

    #[test]
    fn numerals_that_count_become_digits() {
        for (raw, expected) in [
            ("中山路十二号", "中山路12号"),
            ("一百二十号", "120号"),
            ("一百零五号", "105号"),
            ("二〇三室", "203室"),
            ("三单元四层", "3单元4层"),
            ("二十幢", "20幢"),
            ("3栋", "3幢"),
            ("A栋", "A幢"),
        ] {
            assert_eq!(arabic(raw), expected);
        }
    }

    #[test]
    fn numerals_in_names_stay() {
        for raw in [
            "五一路",
            "前埔二里",
            "软件园二期",
            "百家村",
            "十十号",
            "5十号",
            "画栋",
        ] {
            assert_eq!(arabic(raw), raw);
        }
    }

    #[test]
    fn a_numeral_out_of_order_has_no_value() {
        for raw in ["十百", "一十百", "百", "一百二百", "二三十"] {
            assert_eq!(value(raw), None, "{raw}");
        }
    }
}
