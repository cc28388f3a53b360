//! Columns of raw text: one buffer, offsets and presence, as Arrow lays strings out.

/// What was sent for a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Not named at all.
    Absent,
    /// Null, or a text of nothing but white space.
    Null,
    Text,
    Number,
    Boolean,
    /// An object or array.
    Nested,
}

impl Presence {
    /// Whether a value stands here.
    pub fn has_value(self) -> bool {
        !matches!(self, Self::Absent | Self::Null)
    }
}

/// The values of one field for all records of a batch.
#[derive(Default)]
pub struct TextColumn {
    text: String,
    ends: Vec<usize>,
    presence: Vec<Presence>,
}

impl std::fmt::Debug for TextColumn {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "TextColumn({} rows, {} bytes)",
            self.ends.len(),
            self.text.len()
        )
    }
}

impl TextColumn {
    pub fn with_capacity(rows: usize) -> Self {
        Self {
            text: String::with_capacity(rows * 16),
            ends: Vec::with_capacity(rows),
            presence: Vec::with_capacity(rows),
        }
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds the value of the next row. A blank text is null: that is how forms and exports write it.
    pub fn push(&mut self, presence: Presence, text: &str) {
        let blank = presence == Presence::Text && text.trim_start().is_empty();
        let presence = if blank { Presence::Null } else { presence };
        self.text.push_str(text);
        self.ends.push(self.text.len());
        self.presence.push(presence);
    }

    /// Absent rows up to `rows`.
    pub fn fill_to(&mut self, rows: usize) {
        while self.ends.len() < rows {
            self.push(Presence::Absent, "");
        }
    }

    /// Drops rows from `rows` on.
    pub fn truncate(&mut self, rows: usize) {
        self.ends.truncate(rows);
        self.presence.truncate(rows);
        self.text.truncate(self.ends.last().copied().unwrap_or(0));
    }

    pub fn presence(&self, row: usize) -> Presence {
        self.presence.get(row).copied().unwrap_or(Presence::Absent)
    }

    /// The text as sent; empty where there is none.
    pub fn text(&self, row: usize) -> &str {
        let start = match row.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or(0),
            None => 0,
        };
        let end = self.ends.get(row).copied().unwrap_or(start);
        self.text.get(start..end).unwrap_or("")
    }

    /// The text where a value stands.
    pub fn value(&self, row: usize) -> Option<&str> {
        self.presence(row).has_value().then(|| self.text(row))
    }
}
