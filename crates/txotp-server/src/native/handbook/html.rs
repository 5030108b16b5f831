//! HTML, of which every text is escaped.

/// HTML that is being written.
#[derive(Default)]
pub(super) struct Html(String);

impl Html {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// An element with a text.
    pub(super) fn element(&mut self, tag: &'static str, text: &str) {
        self.open(tag);
        self.text(text);
        self.close(tag);
    }

    pub(super) fn open(&mut self, tag: &'static str) {
        self.0 += &format!("<{tag}>");
    }

    /// Begins an element with an attribute.
    pub(super) fn open_with(&mut self, tag: &'static str, attribute: &'static str, value: &str) {
        self.0 += &format!("<{tag} {attribute}=\"{}\">", escape(value));
    }

    pub(super) fn close(&mut self, tag: &'static str) {
        self.0 += &format!("</{tag}>");
    }

    /// A text; what stands between backquotes is code.
    pub(super) fn text(&mut self, text: &str) {
        for (place, part) in text.split('`').enumerate() {
            if place % 2 == 1 {
                self.0 += &format!("<code>{}</code>", escape(part));
            } else {
                self.0 += &escape(part);
            }
        }
    }

    pub(super) fn link(&mut self, target: &str, text: &str) {
        self.open_with("a", "href", target);
        self.text(text);
        self.close("a");
    }

    /// A row of cells.
    pub(super) fn row(&mut self, cell: &'static str, texts: &[&str]) {
        self.open("tr");
        for text in texts {
            self.element(cell, text);
        }
        self.close("tr");
    }
}

/// A text in HTML, also within an attribute.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{Html, escape};

    #[test]
    fn no_text_becomes_markup() {
        assert_eq!(
            escape("<a href=\"'&\">"),
            "&lt;a href=&quot;&#39;&amp;&quot;&gt;"
        );
        let mut html = Html::default();
        html.element("p", "a `b<c` d");
        assert_eq!(html.as_str(), "<p>a <code>b&lt;c</code> d</p>");
    }
}
