//! What an epoch touches, and what it leaves alone.
