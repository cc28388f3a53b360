//! A small random generator whose output is fixed for ever.
//!
//! The same seed must give the same city in every release, so no foreign crate may change the numbers: this is
//! xoshiro256** (Blackman and Vigna 2018, public domain) seeded through BLAKE3. It is not for secrets.

/// A stream of numbers that a seed and a label determine.
#[derive(Clone)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    /// The stream of `seed` for one purpose; streams of different labels or indices are independent.
    pub fn derive(seed: u64, label: &str, index: u64) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"yidang-simulate/1");
        hasher.update(&seed.to_le_bytes());
        hasher.update(&index.to_le_bytes());
        hasher.update(label.as_bytes());
        let digest = hasher.finalize();
        let mut state = [0_u64; 4];
        for (word, bytes) in state.iter_mut().zip(digest.as_bytes().as_chunks::<8>().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        Self { state }
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        let [s0, s1, s2, s3] = self.state;
        let result = s1.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let (n2, n3) = (s2 ^ s0, s3 ^ s1);
        self.state = [s0 ^ n3, s1 ^ n2, n2 ^ (s1 << 17), n3.rotate_left(45)];
        result
    }

    /// A number in `0..bound`; 0 for a bound of 0. The bias of the multiplication is below 2^-32 for the bounds used.
    pub fn below(&mut self, bound: u64) -> u64 {
        let high = (u128::from(self.next()) * u128::from(bound)) >> 64;
        u64::try_from(high).expect("the high half of a product of two 64-bit numbers has 64 bits")
    }

    /// A place in a list of this length; 0 for an empty one.
    pub fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).expect("below the length of a list in memory")
    }

    /// A number in `low..=high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.saturating_sub(low).max(0).unsigned_abs() + 1;
        low.saturating_add_unsigned(self.below(width))
    }

    /// True in `share` of 10,000 cases.
    pub fn chance(&mut self, share: u64) -> bool {
        self.below(10_000) < share
    }

    /// One element of a list that is not empty.
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        let index = self.place(list.len());
        *list
            .get(index)
            .expect("the lists of this crate are constants with at least one element")
    }
}

/// The element of a constant list that a number falls on.
pub fn variant<T: Copy>(list: &[T], number: u64) -> T {
    let place = usize::try_from(number % (list.len() as u64).max(1))
        .expect("below the length of a list in memory");
    *list
        .get(place)
        .expect("the lists of this crate are constants with at least one element")
}

/// A number that is known to be small enough for its place: parts of dates, ranks and row numbers.
pub fn small<A, B: TryFrom<A>>(number: A) -> B {
    B::try_from(number)
        .ok()
        .expect("callers pass numbers of dates, rows and partitions, which are small")
}
