//! What `issue list` and `issue show` say of an issue, in Chinese and English beside one another.

use yidang_schemas::catalog::Catalog;
use yidang_schemas::messages::{self, Language, Text};

use super::read::IssueRow;

/// One sentence: feed, field and what is wrong.
pub fn title(catalog: &Catalog, issue: &IssueRow, language: Language) -> String {
    let feed = catalog.feed_of_id(&issue.feed);
    let Some(contract) = feed.and_then(|feed| catalog.feed(feed)) else {
        return issue.feed.clone();
    };
    let field = contract
        .fields
        .iter()
        .find(|field| field.name == issue.field);
    let title = messages::title(contract, field, &issue.code);
    match language {
        Language::Chinese => title.zh,
        Language::English => title.en,
    }
}

/// Where an issue stands, and why it ended.
pub fn state(issue: &IssueRow, language: Language) -> String {
    let state = match issue.state.as_str() {
        "open" => of("未办结", "open").in_language(language),
        "resolved" => of("已办结", "resolved").in_language(language),
        "dismissed" => of("已撤销", "dismissed").in_language(language),
        other => other,
    };
    match (&issue.reason, language) {
        (None, _) => state.to_owned(),
        (Some(why), Language::English) => format!("{state} ({why})"),
        (Some(why), Language::Chinese) => format!("{state}{}", reason(why, language)),
    }
}

/// What happened to an issue, and what it happened by.
pub fn transition(transition: &str, why: &str, language: Language) -> String {
    let happened = match transition {
        "opened" => of("发现问题", "opened: a record failed the rule"),
        "recurred" => of("再次出现", "recurred: a record failed it again"),
        "reopened" => of("重新打开", "reopened: a newer record failed it again"),
        "resolved" => of("办结", "resolved"),
        "dismissed" => of("撤销", "dismissed"),
        other => return other.to_owned(),
    };
    format!(
        "{}{}",
        happened.in_language(language),
        reason(why, language)
    )
}

fn reason(why: &str, language: Language) -> &str {
    let text = match why {
        "rule_failed" => of("", ""),
        "corrected" => of("（来源已更正）", " by a correction of the source"),
        "withdrawn" => of("（来源已撤回）", " by a withdrawal of the source"),
        "rule_changed" => of("（规则已变更）", ": the rule has changed"),
        other => return other,
    };
    text.in_language(language)
}

fn of(zh: &'static str, en: &'static str) -> Text {
    Text { zh, en }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_with_its_reason_in_both_languages() {
        let told = |language| transition("resolved", "corrected", language);
        assert_eq!(
            told(Language::English),
            "resolved by a correction of the source"
        );
        assert_eq!(told(Language::Chinese), "办结（来源已更正）");
    }
}
