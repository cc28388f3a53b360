//! One value of an evaluation, and three-valued logic over it (SQL: ISO/IEC 9075-2, truth values).

/// A value, null, or why there is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::check) enum Slot<T> {
    Null,
    Value(T),
    /// A text that is not what it should be, a date for example: somebody else's finding.
    Unreadable,
    /// The evaluation failed: our matter.
    Error,
}

impl<T> Slot<T> {
    pub(in crate::check) fn of(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Value)
    }

    /// Nothing here is a failure.
    pub(in crate::check) fn computed(value: Option<T>) -> Self {
        value.map_or(Self::Error, Self::Value)
    }

    pub(in crate::check) fn as_ref(&self) -> Slot<&T> {
        match self {
            Self::Null => Slot::Null,
            Self::Value(value) => Slot::Value(value),
            Self::Unreadable => Slot::Unreadable,
            Self::Error => Slot::Error,
        }
    }

    pub(in crate::check) fn then<U>(self, with: impl FnOnce(T) -> Slot<U>) -> Slot<U> {
        match self {
            Self::Null => Slot::Null,
            Self::Value(value) => with(value),
            Self::Unreadable => Slot::Unreadable,
            Self::Error => Slot::Error,
        }
    }

    /// Both values; else the worse of what hinders.
    pub(in crate::check) fn with<U>(self, other: Slot<U>) -> Slot<(T, U)> {
        match (self, other) {
            (Self::Value(one), Slot::Value(other)) => Slot::Value((one, other)),
            (Self::Error, _) | (_, Slot::Error) => Slot::Error,
            (Self::Unreadable, _) | (_, Slot::Unreadable) => Slot::Unreadable,
            (Self::Null, _) | (_, Slot::Null) => Slot::Null,
        }
    }
}

impl Slot<bool> {
    pub(in crate::check) fn not(self) -> Self {
        self.then(|value| Self::Value(!value))
    }

    /// False decides, whatever the other is: `b <> 0 AND a / b > 1` is no error where b is 0.
    pub(in crate::check) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Value(false), _) | (_, Self::Value(false)) => Self::Value(false),
            (Self::Value(true), other) => other,
            (one, Self::Value(true)) => one,
            (one, other) => one.with(other).then(|_| Self::Null),
        }
    }

    pub(in crate::check) fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }
}

/// The values of one part over a batch.
#[derive(Debug)]
pub(in crate::check) enum Vector<'v, T: Clone> {
    /// The same in every row.
    Same(Slot<T>),
    /// Those of a field.
    Read(&'v [Slot<T>]),
    Each(Vec<Slot<T>>),
}

impl<'v, T: Clone> Vector<'v, T> {
    pub(in crate::check) fn get(&self, row: usize) -> Slot<&T> {
        match self {
            Self::Same(slot) => slot.as_ref(),
            Self::Read(slots) => slots.get(row).map_or(Slot::Null, Slot::as_ref),
            Self::Each(slots) => slots.get(row).map_or(Slot::Null, Slot::as_ref),
        }
    }

    pub(in crate::check) fn map<'w, U: Clone + 'w>(
        &self,
        rows: usize,
        with: impl Fn(&T) -> Slot<U>,
    ) -> Vector<'w, U> {
        match self {
            Self::Same(slot) => Vector::Same(slot.as_ref().then(with)),
            Self::Read(_) | Self::Each(_) => {
                Vector::Each((0..rows).map(|row| self.get(row).then(&with)).collect())
            }
        }
    }

    pub(in crate::check) fn zip<'w, U: Clone, V: Clone + 'w>(
        &self,
        other: &Vector<'_, U>,
        rows: usize,
        with: impl Fn(&T, &U) -> Slot<V>,
    ) -> Vector<'w, V> {
        let at = |row| {
            let both = self.get(row).with(other.get(row));
            both.then(|(one, other)| with(one, other))
        };
        match (self, other) {
            (Self::Same(_), Vector::Same(_)) => Vector::Same(at(0)),
            _ => Vector::Each((0..rows).map(at).collect()),
        }
    }

    /// The first value of several vectors that is there.
    pub(in crate::check) fn first_of(all: &[Self], rows: usize) -> Self
    where
        T: PartialEq,
    {
        let first = |row| {
            let mut slots = all.iter().map(|vector| vector.get(row));
            let found = slots.find(|slot| *slot != Slot::Null);
            found.map_or(Slot::Null, |slot| {
                slot.then(|value| Slot::Value(value.clone()))
            })
        };
        Self::Each((0..rows).map(first).collect())
    }
}
