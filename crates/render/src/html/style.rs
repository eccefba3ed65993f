//! How the page looks: dark on white, one column of fields beside the other as they fit, numbers aligned.

pub(super) const STYLE: &str = r#"@page{size:A4;margin:14mm 15mm 16mm;@bottom-right{content:counter(page) " / " counter(pages);font:7pt sans-serif;color:#5a6270}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{font:10pt/1.4 "DejaVu Sans Condensed","Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;color:#1b1f24;background:#fff;max-width:190mm;margin:0 auto;padding:8mm 5mm;overflow-wrap:anywhere}
.above{margin:0;font-size:8pt;color:#5a6270;letter-spacing:.03em}
header{border-bottom:1.5pt solid #1f3a5f;padding-bottom:4mm;margin-bottom:5mm}
h1{font-size:15pt;line-height:1.25;margin:.5mm 0 3mm;font-weight:400;color:#1f3a5f}
.number{font-weight:700}
h2{font-size:11pt;margin:7mm 0 2.5mm;padding-bottom:1mm;border-bottom:.5pt solid #c7cdd6;color:#1f3a5f;break-after:avoid}
h3,h4,h5,h6{font-size:9.5pt;margin:4mm 0 1.5mm;color:#1f3a5f;break-after:avoid}
.fields{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:2.5mm 5mm;margin:2mm 0}
.fields>div{min-width:0;break-inside:avoid}
.fields>.two{grid-column:span 2}.fields>.all{grid-column:1/-1}
dt{font-size:7.5pt;line-height:1.3;color:#5a6270}
dd{margin:0;white-space:pre-line;unicode-bidi:plaintext}
.strong{font-weight:700}
.cards{display:grid;grid-template-columns:1fr 1fr;gap:0 8mm;align-items:start}
.cards>section{min-width:0}
.cards>section>h2,.cards>section>h3{margin-top:4mm}
.cards .fields{grid-template-columns:1fr 1fr}
table{border-collapse:collapse;width:100%;margin:2mm 0 3mm;font-size:9pt;line-height:1.35}
caption{text-align:left;font-size:8pt;color:#5a6270;padding-bottom:1mm}
th{font-size:7.5pt;line-height:1.25;font-weight:400;color:#5a6270;text-align:left;vertical-align:bottom;border-bottom:1pt solid #1f3a5f;overflow-wrap:normal}
th,td{padding:1.2mm 1.5mm}
th:first-child,td:first-child{padding-left:0}th:last-child,td:last-child{padding-right:0}
td{vertical-align:top;border-bottom:.5pt solid #dde1e7;white-space:pre-line;unicode-bidi:plaintext}
.n{text-align:right;white-space:nowrap;overflow-wrap:normal;font-variant-numeric:tabular-nums}th.n{white-space:normal}
tbody tr,figure{break-inside:avoid}
thead{display:table-header-group}
tfoot td{font-weight:700;border-bottom:0}
.former td{background:#f1f3f6;color:#444b57}
.details{margin:.3mm 0 0;font-size:7.5pt;line-height:1.4;color:#5a6270}
.details div{display:inline-block;margin-right:3mm}
.details dt{display:inline;font-size:inherit}.details dt::after{content:": "}.details dd{display:inline}.details dd+dd::before{content:", "}
.total{display:flex;flex-wrap:wrap;justify-content:flex-end;align-items:baseline;gap:0 4mm;margin:3mm 0;text-align:right}
.total span{color:#5a6270}.total strong{font-size:14pt;font-variant-numeric:tabular-nums}
.text{margin:2mm 0;white-space:pre-line;unicode-bidi:plaintext}
.codes{display:flex;flex-wrap:wrap;gap:6mm 10mm}
figure{margin:0;flex:1 1 60mm;min-width:0;max-width:85mm}
figure svg{display:block;max-width:100%;height:auto;margin-left:-1.7mm}
figcaption{font-size:8pt}figcaption strong,.caption{display:block}.caption{font-weight:700}
a{color:#1f4e8c}figcaption a,figcaption span:last-child{font-size:7pt;line-height:1.3}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media print{body{padding:0;max-width:none}}
@media screen and (max-width:40em){
body{padding:5mm 4mm}
.fields{grid-template-columns:1fr 1fr}
.cards{grid-template-columns:1fr}
table,tbody,tfoot,tr,td,caption{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{border-bottom:.5pt solid #c7cdd6;padding:2mm 0}
td,td:first-child,td:last-child{border:0;padding:.3mm 0 .3mm 42%;min-height:1.4em;position:relative;text-align:left}
td.none{display:none}
td::before{position:absolute;left:0;width:38%;color:#5a6270;font-size:8pt;white-space:normal}
.former{padding:2mm}.former td{background:none}.former{background:#f1f3f6}
.total{justify-content:flex-start;text-align:left}
}
"#;
