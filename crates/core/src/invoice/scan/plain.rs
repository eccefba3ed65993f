//! Finds the end of plain text, eight bytes at a time.

/// The number of bytes before the first `<`, `&` or `]`.
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    /// In each byte the highest bit where `word` has `byte`; above the first such byte there may be bits too many.
    fn find(word: u64, byte: u8) -> u64 {
        const ONES: u64 = u64::from_le_bytes([1; 8]);
        let difference = word ^ (ONES * u64::from(byte));
        difference.wrapping_sub(ONES) & !difference & ONES << 7
    }
    let mut length = 0;
    while let Some(word) = bytes[length..].first_chunk() {
        let word = u64::from_le_bytes(*word);
        let found = find(word, b'<') | find(word, b'&') | find(word, b']');
        if found != 0 {
            return length + found.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    let rest = &bytes[length..];
    let found = rest.iter().position(|b| matches!(b, b'<' | b'&' | b']'));
    length + found.unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_special_byte_is_found_wherever_it_stands() {
        for byte in [b'<', b'&', b']'] {
            for length in 0..40 {
                let mut bytes = vec![0xFF; length];
                // Neighbours of the special bytes, and zero.
                bytes
                    .iter_mut()
                    .zip([b';', b'=', b'%', b'\'', b'\\', b'^', 0].iter().cycle())
                    .for_each(|(b, n)| *b = *n);
                assert_eq!(plain_length(&bytes), length);
                bytes.push(byte);
                bytes.extend_from_slice(b"]<&=;");
                assert_eq!(plain_length(&bytes), length);
            }
        }
    }
}
