//! The language of what agencies and city staff read; logs and errors for operators are English.

use clap::{Args, ValueEnum};
use yidang_schemas::messages::Language;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LanguageName {
    Zh,
    En,
}

/// Flattened into verbs whose output has both languages.
#[derive(Debug, Clone, Copy, Args)]
pub struct LanguageArguments {
    /// Language of what is explained
    #[arg(
        long = "lang",
        env = "YIDANG_LANG",
        value_enum,
        default_value = "en",
        value_name = "LANG"
    )]
    lang: LanguageName,
}

impl LanguageArguments {
    pub fn language(self) -> Language {
        match self.lang {
            LanguageName::Zh => Language::Chinese,
            LanguageName::En => Language::English,
        }
    }
}
