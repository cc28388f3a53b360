//! The forms of dates by their names in contracts.

/// One way to write a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Compact,
    DashPadded,
    DashLoose,
    SlashPadded,
    SlashLoose,
    DotPadded,
    DotLoose,
    Chinese,
    CompactTime,
    DashTime,
    SlashTime,
    DashTimeLoose,
    SlashTimeLoose,
    Iso,
    EpochSeconds,
    EpochMilliseconds,
    Excel,
    CompactMonth,
    DashMonth,
    ChineseMonth,
    MonthFirst,
}

impl Form {
    fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// Names in contracts. A loose form also takes what its padded twin takes; a loose time goes with or without seconds.
const NAMES: [(&str, Form); 22] = [
    ("yyyyMMdd", Form::Compact),
    ("yyyy-MM-dd", Form::DashPadded),
    ("yyyy-M-d", Form::DashLoose),
    ("yyyy/MM/dd", Form::SlashPadded),
    ("yyyy/M/d", Form::SlashLoose),
    ("yyyy.MM.dd", Form::DotPadded),
    ("yyyy.M.d", Form::DotLoose),
    ("yyyy年M月d日", Form::Chinese),
    ("yyyy年MM月dd日", Form::Chinese),
    ("yyyyMMddHHmmss", Form::CompactTime),
    ("yyyy-MM-dd HH:mm:ss", Form::DashTime),
    ("yyyy/MM/dd HH:mm:ss", Form::SlashTime),
    ("yyyy-M-d H:mm", Form::DashTimeLoose),
    ("yyyy/M/d H:mm", Form::SlashTimeLoose),
    ("iso", Form::Iso),
    ("epoch_s", Form::EpochSeconds),
    ("epoch_ms", Form::EpochMilliseconds),
    ("excel", Form::Excel),
    ("yyyyMM", Form::CompactMonth),
    ("yyyy-MM", Form::DashMonth),
    ("yyyy年M月", Form::ChineseMonth),
    ("MM/dd/yyyy", Form::MonthFirst),
];

/// Whole forms that cannot be taken for one another; `any` in a contract.
const ANY: [Form; 15] = [
    Form::Compact,
    Form::DashPadded,
    Form::DashLoose,
    Form::SlashPadded,
    Form::SlashLoose,
    Form::DotPadded,
    Form::DotLoose,
    Form::Chinese,
    Form::CompactTime,
    Form::DashTime,
    Form::SlashTime,
    Form::Iso,
    Form::CompactMonth,
    Form::DashMonth,
    Form::ChineseMonth,
];

/// The forms that one field of a contract allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DateForms(u32);

impl DateForms {
    /// Every unambiguous form: all but epochs, spreadsheet serials and month-first dates.
    pub fn any() -> Self {
        Self(ANY.into_iter().fold(0, |bits, form| bits | form.bit()))
    }

    /// Compiles a list such as `yyyyMMdd|epoch_ms`; `any` stands for [`DateForms::any`].
    ///
    /// # Errors
    /// Names the part that is no form, and all that are.
    pub fn parse(list: &str) -> Result<Self, String> {
        let mut bits = 0;
        for name in list.split('|').map(str::trim) {
            if name == "any" {
                bits |= Self::any().0;
                continue;
            }
            let Some((_, form)) = NAMES.into_iter().find(|(known, _)| *known == name) else {
                let known: Vec<&str> = NAMES.into_iter().map(|(known, _)| known).collect();
                return Err(format!(
                    "no date form is called `{name}`; there are {}, any",
                    known.join(", ")
                ));
            };
            bits |= form.bit();
        }
        Ok(Self(bits))
    }

    pub(super) fn allows(self, form: Form) -> bool {
        self.0 & form.bit() != 0
    }

    /// Whether every allowed form ends at the day, so that business times have no time of day.
    pub fn is_days_only(self) -> bool {
        let timed = [
            Form::CompactTime,
            Form::DashTime,
            Form::SlashTime,
            Form::DashTimeLoose,
            Form::SlashTimeLoose,
            Form::Iso,
            Form::EpochSeconds,
            Form::EpochMilliseconds,
        ];
        self.0 != 0 && !timed.into_iter().any(|form| self.allows(form))
    }

    /// Whether an allowed form carries fractions of a second.
    pub(super) fn has_fractions(self) -> bool {
        self.allows(Form::EpochMilliseconds) || self.allows(Form::Iso)
    }
}
