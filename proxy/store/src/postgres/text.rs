//! Words of Mono's in text columns. PostgreSQL's text holds every character but the zero byte, and
//! an event or a job is not lost for one: it is written as escape and `0`, and an escape as two.
//!
//! Documents need none of this, because JSON escapes both; bodies and keys are bytes.

use std::borrow::Cow;

const ESCAPE: char = '\u{1b}';

pub(super) fn to_column(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', ESCAPE]) {
        return Cow::Borrowed(text);
    }
    let mut written = String::with_capacity(text.len() + 1);
    for character in text.chars() {
        match character {
            '\0' => written.extend([ESCAPE, '0']),
            ESCAPE => written.extend([ESCAPE, ESCAPE]),
            other => written.push(other),
        }
    }
    Cow::Owned(written)
}

pub(super) fn from_column(written: &str) -> Cow<'_, str> {
    if !written.contains(ESCAPE) {
        return Cow::Borrowed(written);
    }
    let mut text = String::with_capacity(written.len());
    let mut characters = written.chars();
    while let Some(character) = characters.next() {
        match character {
            ESCAPE => text.push(match characters.next() {
                Some('0') => '\0',
                _ => ESCAPE,
            }),
            other => text.push(other),
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back() {
        for text in [
            "",
            "plain",
            "\0",
            "a\0b\0",
            "\u{1b}",
            "\u{1b}0",
            "\0\u{1b}\u{1b}\0",
            "é\0😀",
        ] {
            let written = to_column(text);
            assert!(!written.contains('\0'), "{text:?}");
            assert_eq!(from_column(&written), text);
        }
    }
}
