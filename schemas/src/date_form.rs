//! Written forms of dates and times that a contract may name.
//!
//! Only the vocabulary lives here: `transform::normalize` reads values, `catalog` checks that a contract names forms
//! that exist. A form is named by its Unicode date pattern (UTS 35, "Date Format Patterns"); the four that no pattern
//! can write have a word.

/// One written form of a date, a month or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DateForm {
    /// `19900101`
    CompactDay,
    /// `1990-01-01`
    DashedDay,
    /// `1990-1-1`
    LooseDashedDay,
    /// `1990/01/01`
    SlashedDay,
    /// `1990/1/1`
    LooseSlashedDay,
    /// `1990.01.01`
    DottedDay,
    /// `1990年1月1日`
    ChineseDay,
    /// `199001`
    CompactMonth,
    /// `1990-01`
    DashedMonth,
    /// `19900101103045`, city time
    CompactTime,
    /// `1990-01-01 10:30:45`, city time
    DashedTime,
    /// `1990-01-01T10:30:45+08:00`, RFC 3339 with its own offset
    OffsetTime,
    /// Seconds since 1970-01-01T00:00:00Z
    EpochSeconds,
    /// Milliseconds since 1970-01-01T00:00:00Z
    EpochMilliseconds,
    /// Day number of a spreadsheet, 32874 = 1990-01-01
    SpreadsheetDay,
    /// `长期`: no end, not a missing value
    OpenEnd,
}

impl DateForm {
    pub const ALL: [Self; 16] = [
        Self::CompactDay,
        Self::DashedDay,
        Self::LooseDashedDay,
        Self::SlashedDay,
        Self::LooseSlashedDay,
        Self::DottedDay,
        Self::ChineseDay,
        Self::CompactMonth,
        Self::DashedMonth,
        Self::CompactTime,
        Self::DashedTime,
        Self::OffsetTime,
        Self::EpochSeconds,
        Self::EpochMilliseconds,
        Self::SpreadsheetDay,
        Self::OpenEnd,
    ];

    /// The name contracts use.
    pub fn name(self) -> &'static str {
        match self {
            Self::CompactDay => "yyyyMMdd",
            Self::DashedDay => "yyyy-MM-dd",
            Self::LooseDashedDay => "yyyy-M-d",
            Self::SlashedDay => "yyyy/MM/dd",
            Self::LooseSlashedDay => "yyyy/M/d",
            Self::DottedDay => "yyyy.MM.dd",
            Self::ChineseDay => "yyyy年M月d日",
            Self::CompactMonth => "yyyyMM",
            Self::DashedMonth => "yyyy-MM",
            Self::CompactTime => "yyyyMMddHHmmss",
            Self::DashedTime => "yyyy-MM-dd HH:mm:ss",
            Self::OffsetTime => "yyyy-MM-dd'T'HH:mm:ssXXX",
            Self::EpochSeconds => "epoch_s",
            Self::EpochMilliseconds => "epoch_ms",
            Self::SpreadsheetDay => "spreadsheet",
            Self::OpenEnd => "长期",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }

    /// A whole day without a time of day.
    pub fn is_day(self) -> bool {
        matches!(
            self,
            Self::CompactDay
                | Self::DashedDay
                | Self::LooseDashedDay
                | Self::SlashedDay
                | Self::LooseSlashedDay
                | Self::DottedDay
                | Self::ChineseDay
                | Self::SpreadsheetDay
        )
    }

    /// An instant, to the second or finer.
    pub fn is_instant(self) -> bool {
        matches!(
            self,
            Self::CompactTime
                | Self::DashedTime
                | Self::OffsetTime
                | Self::EpochSeconds
                | Self::EpochMilliseconds
        )
    }

    /// The forms of a list such as `yyyyMMdd|yyyy-MM-dd`; the first name that is none as the error.
    pub fn list(names: &str) -> Result<Vec<Self>, String> {
        let names = names.split('|').map(str::trim).filter(|name| !name.is_empty());
        names.map(|name| Self::from_name(name).ok_or_else(|| name.to_owned())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_found_by_its_name() {
        for form in DateForm::ALL {
            assert_eq!(DateForm::from_name(form.name()), Some(form));
        }
    }

    #[test]
    fn a_list_names_the_first_unknown_form() {
        assert_eq!(
            DateForm::list("yyyyMMdd|yyyy-MM-dd"),
            Ok(vec![DateForm::CompactDay, DateForm::DashedDay])
        );
        assert_eq!(DateForm::list("yyyyMMdd|ddMMyyyy"), Err("ddMMyyyy".to_owned()));
    }
}
