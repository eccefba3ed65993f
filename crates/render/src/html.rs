//! Writing HTML: every text goes through [`Html::text`], which escapes it.

/// One HTML file being written.
#[derive(Default)]
pub(crate) struct Html {
    out: String,
}

impl Html {
    /// Begins a file that loads nothing and runs nothing: the policy in its head forbids it to any reader.
    pub(crate) fn begin(language: &'static str, title: &str) -> Self {
        let mut html = Self::default();
        html.raw("<!DOCTYPE html>\n<html lang=\"");
        html.raw(language);
        html.raw(
            "\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
        );
        html.text(title);
        html.raw("</title>\n<style>");
        html.raw(STYLE);
        html.raw("</style>\n</head>\n<body>\n");
        html
    }

    /// Ends the file.
    pub(crate) fn end(mut self) -> String {
        self.raw("</body>\n</html>\n");
        self.out
    }

    /// Markup of our own.
    pub(crate) fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    /// Content, as text or as the value of a quoted attribute.
    pub(crate) fn text(&mut self, text: &str) {
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
    pub(crate) fn element(&mut self, tag: &'static str, text: &str) {
        self.raw("<");
        self.raw(tag);
        self.raw(">");
        self.text(text);
        self.raw("</");
        self.raw(tag.split(' ').next().unwrap_or(tag));
        self.raw(">");
    }
}

/// Black on white, A4, no font but the reader's own.
const STYLE: &str = "
@page{size:A4;margin:14mm}
*{box-sizing:border-box}
body{font:10pt/1.35 system-ui,\"Segoe UI\",\"DejaVu Sans\",Arial,sans-serif;color:#111;background:#fff;max-width:190mm;margin:0 auto;padding:6mm}
header{display:grid;grid-template-columns:3fr 2fr;gap:8mm;border-bottom:2px solid #111;padding-bottom:3mm;margin-bottom:4mm}
h1{font-size:16pt;margin:0}h1 small{display:block;font-size:10pt;font-weight:normal;color:#444}
h2{font-size:11pt;margin:5mm 0 1.5mm;border-bottom:1px solid #999}h3{font-size:10pt;margin:3mm 0 1mm}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3mm 4mm;margin:0}dt{color:#555}dd{margin:0;overflow-wrap:anywhere;white-space:pre-line;grid-column:2}
.parties{display:grid;grid-template-columns:1fr 1fr;gap:0 8mm}
.parties section{break-inside:avoid}
.nested{margin:0 0 1.5mm 3mm;padding-left:2mm;border-left:2px solid #ddd}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:1mm 0 2mm;font-size:9pt}
th,td{border:1px solid #bbb;padding:.6mm 1.4mm;text-align:left;vertical-align:top;overflow-wrap:break-word}th{background:#f0f0f0;font-weight:600}
td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
thead{display:table-header-group}tr{break-inside:avoid}tfoot td{font-weight:600}caption{text-align:left;font-weight:600}
.total{font-size:14pt;font-weight:700;text-align:right;margin:2mm 0}
.codes{display:grid;grid-template-columns:1fr 1fr;gap:6mm;margin-top:4mm}
.code{break-inside:avoid;min-width:0;margin:0}.code figcaption{font-size:7pt;overflow-wrap:anywhere}.code strong{display:block;font-size:9pt}
@media(max-width:150mm){header,.parties,.codes{grid-template-columns:1fr}}
.sheet{break-inside:avoid;border-bottom:1px solid #999;padding-bottom:4mm;margin-bottom:4mm}
footer{margin-top:6mm;border-top:1px solid #999;font-size:8pt;color:#444}
";

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
