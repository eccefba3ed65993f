//! Writing HTML: every text goes through [`Html::text`], which escapes it.

/// One HTML file being written.
#[derive(Default)]
pub(super) struct Html {
    out: String,
}

impl Html {
    /// Begins a file that loads nothing and runs nothing: the policy in its head forbids it to any reader.
    pub(super) fn begin(language: &'static str, title: &str, style: &str) -> Self {
        let mut html = Self::default();
        html.raw("<!DOCTYPE html>\n<html lang=\"");
        html.raw(language);
        html.raw(
            "\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
             base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n<title>",
        );
        html.text(title);
        html.raw("</title>\n<style>\n");
        html.raw(style);
        html.raw("</style>\n</head>\n<body>\n");
        html
    }

    /// Ends the file.
    pub(super) fn end(mut self) -> String {
        self.raw("</main>\n</body>\n</html>\n");
        self.out
    }

    /// Markup of our own.
    pub(super) fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    /// Content, as text or as the value of a quoted attribute.
    pub(super) fn text(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\'' => self.out.push_str("&#39;"),
                _ => self.out.push(character),
            }
        }
    }

    /// `<TAG>text</TAG>`; `tag` may carry attributes.
    pub(super) fn element(&mut self, tag: &'static str, text: &str) {
        self.raw("<");
        self.raw(tag);
        self.raw(">");
        self.text(text);
        self.raw("</");
        self.raw(tag.split(' ').next().unwrap_or(tag));
        self.raw(">");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_cannot_become_markup() {
        let mut html = Html::default();
        html.element("p class=\"x\"", "<script>\"&'");
        assert_eq!(
            html.out,
            "<p class=\"x\">&lt;script&gt;&quot;&amp;&#39;</p>"
        );
    }
}
