//! Written forms of dates and times that a contract may name.
//!
//! Only the vocabulary lives here: `transform::normalize` reads values, `catalog` checks that a contract names forms
//! that exist. A form is named by its Unicode date pattern (UTS 35, "Date Format Patterns"); those that no pattern can
//! write have a word. `长期` (no end) and fillers such as `00000000` are no forms: they are understood in every field.

/// How fine a form is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// A month without a day.
    Month,
    /// A day without a time of day.
    Day,
    /// An instant, to the second or finer.
    Instant,
    /// Several of these.
    Mixed,
}

/// One written form of a date, a month or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateForm {
    /// The name contracts use.
    pub name: &'static str,
    pub precision: Precision,
}

impl DateForm {
    const fn month(name: &'static str) -> Self {
        Self {
            name,
            precision: Precision::Month,
        }
    }

    const fn day(name: &'static str) -> Self {
        Self {
            name,
            precision: Precision::Day,
        }
    }

    const fn instant(name: &'static str) -> Self {
        Self {
            name,
            precision: Precision::Instant,
        }
    }

    /// Every form that exists. `iso` is RFC 3339 with its own offset, `excel` the day number of a spreadsheet
    /// (32874 = 1990-01-01), `any` all forms that cannot be taken for one another.
    pub const ALL: [Self; 23] = [
        Self::day("yyyyMMdd"),
        Self::day("yyyy-MM-dd"),
        Self::day("yyyy-M-d"),
        Self::day("yyyy/MM/dd"),
        Self::day("yyyy/M/d"),
        Self::day("yyyy.MM.dd"),
        Self::day("yyyy.M.d"),
        Self::day("yyyy年M月d日"),
        Self::day("yyyy年MM月dd日"),
        Self::day("MM/dd/yyyy"),
        Self::day("excel"),
        Self::month("yyyyMM"),
        Self::month("yyyy-MM"),
        Self::month("yyyy年M月"),
        Self::instant("yyyyMMddHHmmss"),
        Self::instant("yyyy-MM-dd HH:mm:ss"),
        Self::instant("yyyy/MM/dd HH:mm:ss"),
        Self::instant("yyyy-M-d H:mm"),
        Self::instant("yyyy/M/d H:mm"),
        Self::instant("iso"),
        Self::instant("epoch_s"),
        Self::instant("epoch_ms"),
        Self {
            name: "any",
            precision: Precision::Mixed,
        },
    ];

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name == name)
    }

    /// The forms of a list such as `yyyyMMdd|yyyy-MM-dd`; the first name that is none as the error.
    pub fn list(names: &str) -> Result<Vec<Self>, String> {
        let names = names.split('|').map(str::trim);
        names
            .map(|name| Self::from_name(name).ok_or_else(|| name.to_owned()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_found_by_its_name() {
        for form in DateForm::ALL {
            assert_eq!(DateForm::from_name(form.name), Some(form));
        }
    }

    #[test]
    fn a_list_names_the_first_unknown_form() {
        let precisions = |names| {
            let forms = DateForm::list(names)?;
            Ok(forms
                .into_iter()
                .map(|form| form.precision)
                .collect::<Vec<_>>())
        };
        assert_eq!(
            precisions("yyyyMMdd|iso"),
            Ok(vec![Precision::Day, Precision::Instant])
        );
        assert_eq!(precisions("yyyyMMdd|ddMMyyyy"), Err("ddMMyyyy".to_owned()));
    }
}
