//! A stream of events as the proxy writes it: `text/event-stream`, taken apart as it arrives.
//!
//! Knows lines and fields and no meaning of theirs.

/// More than any event has, in bytes. A stream that goes on without an end would fill the memory.
const LONGEST_EVENT: usize = 8 << 20;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// Its data; several lines are joined by line feeds.
    pub data: String,
}

/// An event that is too long.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLong;

/// Takes one connection's text apart.
#[derive(Default)]
pub struct Reader {
    line: String,
    name: String,
    data: Option<String>,
    id: Option<String>,
    retry: Option<u32>,
    after_return: bool,
}

impl Reader {
    /// Reads another piece and tells what events it completes, each with the id of the last one
    /// that had any: what to say to the proxy when coming back.
    pub fn read(
        &mut self,
        piece: &str,
        mut tell: impl FnMut(Event, Option<&str>),
    ) -> Result<(), TooLong> {
        let mut rest = piece;
        if core::mem::take(&mut self.after_return) {
            rest = rest.strip_prefix('\n').unwrap_or(rest);
        }
        while let Some((text, ending, after)) = cut(rest, |byte| byte == b'\n' || byte == b'\r') {
            rest = after;
            if ending == b'\r' {
                self.after_return = rest.is_empty();
                rest = rest.strip_prefix('\n').unwrap_or(rest);
            }
            self.line.push_str(text);
            let line = core::mem::take(&mut self.line);
            if line.is_empty() {
                self.end(&mut tell);
            } else {
                self.field(&line);
            }
        }
        self.line.push_str(rest);
        let data = self.data.as_ref().map_or(0, String::len);
        if self.line.len() + data > LONGEST_EVENT {
            return Err(TooLong);
        }
        Ok(())
    }

    /// How soon the proxy wants to be asked again once the stream has ended, in milliseconds.
    pub fn retry(&self) -> Option<u32> {
        self.retry
    }

    fn field(&mut self, line: &str) {
        let (name, value) =
            cut(line, |byte| byte == b':').map_or((line, ""), |(name, _, value)| (name, value));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => value.clone_into(&mut self.name),
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                none => *none = Some(value.to_owned()),
            },
            // What cannot stand in a header cannot be sent back.
            "id" if value.bytes().all(|byte| byte.is_ascii_graphic()) => {
                self.id = Some(value.to_owned());
            }
            "retry" => self.retry = value.parse().ok(),
            _ => {}
        }
    }

    fn end(&mut self, tell: &mut impl FnMut(Event, Option<&str>)) {
        let name = core::mem::take(&mut self.name);
        if let Some(data) = self.data.take() {
            tell(Event { name, data }, self.id.as_deref());
        }
    }
}

/// What stands before the first such byte, the byte, and what comes after it.
///
/// Like `str::split_once`, without its kilobytes of search tables; nor does it slice by an index,
/// whose failure would bring along how to print it.
fn cut(text: &str, is_end: fn(u8) -> bool) -> Option<(&str, u8, &str)> {
    let at = text.bytes().position(is_end)?;
    let ending = *text.as_bytes().get(at)?;
    Some((text.get(..at)?, ending, text.get(at + 1..)?))
}

#[cfg(test)]
mod tests;
