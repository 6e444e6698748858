//! Addresses: of routes that pages ask, of pages that they lead to.

use std::fmt;

use super::html::encoded;

/// A path with a query.
#[derive(Debug, Clone)]
pub(super) struct Address {
    text: String,
    asks: bool,
}

impl Address {
    /// A path; what goes into it must be [`encoded`].
    pub(super) fn new(path: impl Into<String>) -> Self {
        Self { text: path.into(), asks: false }
    }

    /// With a parameter.
    pub(super) fn with(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.text.push(if self.asks { '&' } else { '?' });
        self.asks = true;
        self.text.push_str(name);
        self.text.push('=');
        self.text.push_str(&encoded(value));
        self
    }

    /// With a parameter, if there is something to say.
    pub(super) fn and(self, name: &str, value: Option<impl AsRef<str>>) -> Self {
        match value {
            Some(value) if !value.as_ref().is_empty() => self.with(name, value),
            _ => self,
        }
    }

    /// As text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_separated_and_encoded() {
        let address = Address::new("/jobs").with("limit", "5").and("queue", Some("a&b"));
        let address = address.and("kind", None::<&str>).and("q", Some(""));
        assert_eq!(address.text(), "/jobs?limit=5&queue=a%26b");
    }
}
