//! Canonical forms: the standard's examples, and the same as another implementation at random.

use proptest::prelude::*;
use xml_sec::c14n::{C14nAlgorithm, C14nMode, canonicalize_xml};

use super::*;

fn canonical(form: Canonicalization, xml: &str) -> String {
    String::from_utf8(form.document(xml.as_bytes()).unwrap()).unwrap()
}

fn subtree(form: Canonicalization, xml: &str) -> String {
    String::from_utf8(form.element(xml.as_bytes(), "x").unwrap()).unwrap()
}

#[test]
fn a_subtree_is_canonical_with_what_it_inherits() {
    let xml = "<a:r xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" xmlns=\"urn:d\" xml:lang=\"pl\" xml:id=\"r\">\
               <b:x  Id='x' k='1'\n a:j=\"2\"><y/></b:x></a:r>";
    assert_eq!(
        subtree(Canonicalization::Exclusive, xml),
        "<b:x xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" Id=\"x\" k=\"1\" a:j=\"2\"><y xmlns=\"urn:d\"></y></b:x>"
    );
    let inclusive = |id: &str| {
        format!(
            "<b:x xmlns=\"urn:d\" xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" Id=\"x\" k=\"1\"{id} xml:lang=\"pl\" \
             a:j=\"2\"><y></y></b:x>"
        )
    };
    assert_eq!(
        subtree(Canonicalization::Inclusive10, xml),
        inclusive(" xml:id=\"r\"")
    );
    assert_eq!(subtree(Canonicalization::Inclusive11, xml), inclusive(""));
}

#[test]
fn several_bases_are_refused_where_they_would_have_to_be_joined() {
    let xml = "<a xml:base=\"https://a/\"><b xml:base=\"b/\"><c Id=\"x\"/></b></a>";
    assert_eq!(
        Canonicalization::Inclusive11.element(xml.as_bytes(), "x"),
        None
    );
    assert!(
        Canonicalization::Inclusive10
            .element(xml.as_bytes(), "x")
            .is_some()
    );
}

#[test]
fn what_the_standard_gives_as_examples_is_written_as_it_says() {
    // Canonical XML 1.0, 3.1 and 3.4, without their DTDs.
    let xml = "<?xml version=\"1.0\"?>\n\n<?xml-stylesheet   href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n\n\
               <doc>Hello, world!<!-- Comment 1 --></doc>\n\n<?pi-without-data     ?>\n\n<!-- Comment 2 -->\n";
    assert_eq!(
        canonical(Canonicalization::Inclusive10, xml),
        "<?xml-stylesheet href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n<doc>Hello, world!</doc>\n<?pi-without-data?>"
    );
    let xml = "<doc><text>First line&#x0d;&#10;Second line</text><value>&#x32;</value>\
               <compute><![CDATA[value>\"0\" && value<\"10\" ?\"valid\":\"error\"]]></compute>\
               <compute expr='value>\"0\" &amp;&amp; value&lt;\"10\" ?\"valid\":\"error\"'>valid</compute>\
               <norm attr=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/></doc>";
    assert_eq!(
        canonical(Canonicalization::Inclusive11, xml),
        "<doc><text>First line&#xD;\nSecond line</text><value>2</value>\
         <compute>value&gt;\"0\" &amp;&amp; value&lt;\"10\" ?\"valid\":\"error\"</compute>\
         <compute expr=\"value>&quot;0&quot; &amp;&amp; value&lt;&quot;10&quot; ?&quot;valid&quot;:&quot;error&quot;\">valid</compute>\
         <norm attr=\" '    &#xD;&#xA;&#x9;   ' \"></norm></doc>"
    );
}

#[test]
fn every_line_ends_in_a_line_feed_also_right_before_a_reference() {
    let xml = "<a k='1\r&#49;\r\n\r2'>\r&#65;\r\n&amp;\r\r&#13;\r<!--\r-->\r<?p \rq\r?>\r<![CDATA[\r\r\n]]>\r</a>\r";
    let form: Canonicalizer =
        Canonicalizer::from_uri("http://www.w3.org/2001/10/xml-exc-c14n#WithComments", "").unwrap();
    let lines = crate::xml::Lines::of(xml.as_bytes());
    let document = crate::xml::parse(&lines, 100).unwrap();
    let written = form.document(&document, None).unwrap();
    assert_eq!(
        String::from_utf8(written).unwrap(),
        "<a k=\"1 1  2\">\nA\n&amp;\n\n&#xD;\n<!--\n-->\n<?p q\n?>\n\n\n\n</a>"
    );
}

#[test]
fn depth_costs_no_stack() {
    let depth = 400_000;
    let xml = "<a>".repeat(depth) + &"</a>".repeat(depth);
    assert_eq!(canonical(Canonicalization::Exclusive, &xml), xml);
}

/// Documents with namespaces that are declared, declared again and unused. Taking back the default namespace is
/// compared with libxml2 alone (`test_canonical.py`): xml-sec 0.4.1 writes `xmlns=""` in the exclusive form also where
/// no default namespace was written.
fn element() -> impl Strategy<Value = String> {
    let prefix = prop::sample::select(vec!["", "a:", "b:", "c:"]);
    let declaration = prop::sample::select(vec![
        "",
        " xmlns=\"urn:1\"",
        " xmlns:a=\"urn:2\"",
        " xmlns:b='urn:1' xmlns:a='urn:3'",
        " xml:lang='pl' xml:space=\"preserve\"",
        " xmlns:c=\"urn:&amp;4\"",
    ]);
    let attribute = prop::sample::select(vec![
        "",
        " k='1'",
        " a:k='&#9;&lt;&gt;\t \r\n'",
        " b:k=\"2\" a:j='\"'  k='x'",
        " xml:id='i'",
    ]);
    let text = prop::sample::select(vec![
        "",
        "t",
        " \r\n ",
        "&#13;&amp;]]&gt;",
        "<![CDATA[<&\r\n>]]>",
        "<!-- c -->",
        "<?p  q ?>",
        "ż&#x1F600;",
    ]);
    let shape = move |inner: BoxedStrategy<String>| {
        (
            prefix.clone(),
            declaration.clone(),
            attribute.clone(),
            text.clone(),
            inner,
            text.clone(),
        )
            .prop_map(|(prefix, declaration, attribute, before, inner, after)| {
                format!("<{prefix}e{declaration}{attribute}>{before}{inner}{after}</{prefix}e>")
            })
    };
    let leaf = shape(Just(String::new()).boxed());
    leaf.prop_recursive(5, 24, 3, move |inner| {
        shape(
            prop::collection::vec(inner, 0..3)
                .prop_map(|all| all.concat())
                .boxed(),
        )
    })
}

proptest! {
    #[test]
    fn another_implementation_writes_the_same(inner in element()) {
        let xml = format!("<?p?><r xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" xmlns:c=\"urn:c\">{inner}</r><!-- x --><?q?>");
        for (form, mode) in [
            (Canonicalization::Exclusive, C14nMode::Exclusive1_0),
            (Canonicalization::Inclusive10, C14nMode::Inclusive1_0),
            (Canonicalization::Inclusive11, C14nMode::Inclusive1_1),
        ] {
            for (comments, list) in [(false, ""), (true, "a #default c")] {
                let theirs = canonicalize_xml(
                    xml.as_bytes(),
                    &C14nAlgorithm::new(mode, comments).with_prefix_list(list),
                );
                let suffix = match (form, comments) {
                    (_, false) => "",
                    (Canonicalization::Exclusive, true) => "WithComments",
                    (_, true) => "#WithComments",
                };
                let uri = [form.uri(), suffix].concat();
                let document = Document::parse(&xml);
                prop_assert_eq!(document.is_ok(), theirs.is_ok());
                if let (Ok(document), Ok(theirs)) = (document, theirs) {
                    let ours = Canonicalizer::from_uri(&uri, list).unwrap().document(&document, None).unwrap();
                    prop_assert_eq!(String::from_utf8(ours).unwrap(), String::from_utf8(theirs).unwrap());
                }
            }
        }
    }
}
