//! Writing the sheets as a file.

use std::borrow::Cow;

use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::geom::{PathBuilder, Point, Quadrilateral, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag};
use krilla::{Document, SerializeSettings};
use ksef_offline_core::code::image::{QUIET_ZONE, Symbol};
use ksef_offline_core::invoice::InvoiceDocument;

use super::font::Fonts;
use super::sheets::{Placed, Sheet};
use super::strip::{Ink, LEFT, Op, PAPER, Repeated, Style, TOP, WIDTH, Weight};
use super::structure::{Element, Structure};
use super::wrap;
use crate::error::RenderError;
use crate::page::Page;

const FOOT: Style = Style::new(6.8, Ink::Muted);
/// The baseline of the last line of a sheet.
const FOOT_Y: f32 = PAPER.1 - 30.0;

pub(super) fn write(
    page: &Page,
    invoice: Option<&InvoiceDocument>,
    fonts: &Fonts,
    sheets: Vec<Sheet<'_>>,
    mut structure: Structure,
) -> Result<Vec<u8>, RenderError> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A3_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|_| RenderError::Pdf)?;
    let mut document = Document::new_with(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    });
    let mut outline = Outline::new();
    let count = sheets.len();
    for (place, sheet) in sheets.into_iter().enumerate() {
        let settings = PageSettings::from_wh(PAPER.0, PAPER.1).ok_or(RenderError::Pdf)?;
        let mut paper = document.start_page_with(settings);
        let mut links = Vec::new();
        {
            let mut pen = Pen {
                surface: paper.surface(),
                fonts,
                structure: &mut structure,
            };
            for strip in sheet.strips {
                let top = TOP + strip.top;
                outline_places(&strip, place, top, &mut outline);
                pen.strip(strip, &mut links);
            }
            pen.foot(page, place + 1, count);
            pen.surface.finish();
        }
        for (annotation, element) in links {
            let identifier = paper.add_tagged_annotation(annotation);
            structure.drawn(element, identifier);
        }
        paper.finish();
    }
    let language = page.pick("pl", "en");
    document.set_outline(outline);
    document.set_tag_tree(structure.into_tree(language));
    let made = made_on(page).ok_or(RenderError::Pdf)?;
    let mut metadata = Metadata::new()
        .title(page.title.clone())
        .language(language.to_owned())
        .creator("ksef-offline".to_owned())
        .creation_date(made);
    if let Some(invoice) = invoice {
        metadata = metadata.document_id(invoice.hash().to_base64());
        attach(&mut document, page, invoice, made)?;
    }
    document.set_metadata(metadata);
    document.finish().map_err(|_| RenderError::Pdf)
}

/// The day of issue.
fn made_on(page: &Page) -> Option<DateTime> {
    let (year, month, day) = page.issued;
    let date = DateTime::new(u16::try_from(year).ok()?)
        .month(u8::try_from(month).ok()?)
        .day(u8::try_from(day).ok()?);
    Some(date)
}

/// The exact bytes whose hash is in the codes.
fn attach(
    document: &mut Document,
    page: &Page,
    invoice: &InvoiceDocument,
    made: DateTime,
) -> Result<(), RenderError> {
    let description = page.pick(
        "Faktura FA(3), plik XML, którego skrót jest w kodach QR",
        "The FA(3) invoice, the XML file whose hash is in the QR codes",
    );
    document
        .embed_file(EmbeddedFile {
            path: "invoice.xml".to_owned(),
            mime_type: MimeType::new("text/xml"),
            description: Some(description.to_owned()),
            association_kind: AssociationKind::Source,
            data: invoice.bytes().to_vec().into(),
            modification_date: Some(made),
            compress: Some(true),
            location: None,
        })
        .ok_or(RenderError::Pdf)
}

fn outline_places(strip: &Placed<'_>, sheet: usize, top: f32, outline: &mut Outline) {
    for op in &strip.ops {
        if let Op::Place { title } = op {
            let place = XyzDestination::new(sheet, Point::from_xy(0.0, (top - 6.0).max(0.0)));
            outline.push_child(OutlineNode::new(title.clone(), place));
        }
    }
}

struct Pen<'s, 'f> {
    surface: Surface<'s>,
    fonts: &'f Fonts,
    structure: &'f mut Structure,
}

/// Text in its place on the sheet.
struct Run<'a> {
    x: f32,
    y: f32,
    text: Cow<'a, str>,
    style: Style,
}

impl Pen<'_, '_> {
    fn strip(&mut self, strip: Placed<'_>, links: &mut Vec<(Annotation, Element)>) {
        if let Some((top, head)) = &strip.head {
            self.repeated(TOP + top, head);
        }
        let top = TOP + strip.top;
        let mut texts: Vec<(Element, Run<'_>)> = Vec::new();
        let mut symbols = Vec::new();
        for op in strip.ops {
            match op {
                Op::Text {
                    x,
                    y,
                    text,
                    style,
                    element,
                } => texts.push((
                    element,
                    Run {
                        x: LEFT + x,
                        y: top + y,
                        text,
                        style,
                    },
                )),
                Op::Rule {
                    x,
                    y,
                    width,
                    weight,
                } => self.artifact(|pen| pen.rule(LEFT + x, top + y, width, weight)),
                Op::Ground { x, width } => self.artifact(|pen| {
                    pen.fill(
                        LEFT + x,
                        top,
                        width,
                        strip.height,
                        rgb::Color::new(241, 243, 246),
                    );
                }),
                Op::Symbol {
                    x,
                    y,
                    module,
                    symbol,
                    element,
                } => symbols.push((LEFT + x, top + y, module, symbol, element)),
                Op::Link {
                    areas,
                    url,
                    element,
                } => {
                    if let Some(link) = link(&areas, top, url) {
                        links.push((link, element));
                    }
                }
                Op::Place { .. } => {}
            }
        }
        for run in texts.chunk_by(|a, b| a.0 == b.0) {
            let Some((element, _)) = run.first() else {
                continue;
            };
            let identifier = self
                .surface
                .start_tagged(ContentTag::Span(SpanTag::empty()));
            for (_, text) in run {
                self.text(text);
            }
            self.surface.end_tagged();
            self.structure.drawn(*element, identifier);
        }
        for (x, y, module, symbol, element) in symbols {
            let identifier = self.surface.start_tagged(ContentTag::Other);
            self.symbol(x, y, module, symbol);
            self.surface.end_tagged();
            self.structure.drawn(element, identifier);
        }
    }

    fn artifact(&mut self, draw: impl FnOnce(&mut Self)) {
        let artifact = Artifact::with_kind(ArtifactType::Layout);
        self.surface.start_tagged(ContentTag::Artifact(artifact));
        draw(self);
        self.surface.end_tagged();
    }

    fn repeated(&mut self, top: f32, head: &Repeated) {
        let artifact = Artifact::with_kind(ArtifactType::PaginationOther);
        self.surface.start_tagged(ContentTag::Artifact(artifact));
        for (x, y, text, style) in &head.texts {
            self.text(&Run {
                x: LEFT + x,
                y: top + y,
                text: Cow::Borrowed(text),
                style: *style,
            });
        }
        for (x, y, width) in &head.rules {
            self.rule(LEFT + x, top + y, *width, Weight::Middle);
        }
        self.surface.end_tagged();
    }

    /// What the document is, on the left, and which sheet of how many, on the right.
    fn foot(&mut self, page: &Page, number: usize, count: usize) {
        let artifact = Artifact::with_kind(ArtifactType::Footer);
        self.surface.start_tagged(ContentTag::Artifact(artifact));
        let face = self.fonts.face(false);
        let sheet = format!(
            "{} {number} {} {count}",
            page.pick("Strona", "Page"),
            page.pick("z", "of")
        );
        let wide = face.width(&sheet, FOOT.size);
        let lines = wrap::lines(&page.running_foot, face, FOOT.size, WIDTH - wide - 20.0);
        let first = lines.first().copied().unwrap_or_default();
        for (x, text) in [(0.0, first), (WIDTH - wide, sheet.as_str())] {
            self.text(&Run {
                x: LEFT + x,
                y: FOOT_Y,
                text: Cow::Borrowed(text),
                style: FOOT,
            });
        }
        self.surface.end_tagged();
    }

    fn text(&mut self, run: &Run<'_>) {
        if run.text.is_empty() {
            return;
        }
        let face = self.fonts.face(run.style.bold);
        let glyphs = face.glyphs(&run.text);
        self.colour(match run.style.ink {
            Ink::Dark => rgb::Color::new(27, 31, 36),
            Ink::Muted => rgb::Color::new(84, 92, 105),
            Ink::Accent => rgb::Color::new(31, 58, 95),
        });
        self.surface.draw_glyphs(
            Point::from_xy(run.x, run.y),
            &glyphs,
            face.font.clone(),
            &run.text,
            run.style.size,
            false,
        );
    }

    fn rule(&mut self, x: f32, y: f32, width: f32, weight: Weight) {
        let (height, colour) = match weight {
            Weight::Heavy => (1.2, rgb::Color::new(31, 58, 95)),
            Weight::Middle => (0.6, rgb::Color::new(120, 135, 158)),
            Weight::Hair => (0.4, rgb::Color::new(213, 218, 226)),
        };
        self.fill(x, y - height, width, height, colour);
    }

    fn fill(&mut self, x: f32, y: f32, width: f32, height: f32, colour: rgb::Color) {
        let Some(area) = Rect::from_xywh(x, y, width, height) else {
            return;
        };
        let mut path = PathBuilder::new();
        path.push_rect(area);
        if let Some(path) = path.finish() {
            self.colour(colour);
            self.surface.draw_path(&path);
        }
    }

    fn symbol(&mut self, x: f32, y: f32, module: f32, symbol: &Symbol) {
        let mut path = PathBuilder::new();
        for (row, modules) in (QUIET_ZONE..).zip(symbol.rows()) {
            let mut column = QUIET_ZONE;
            for run in modules.chunk_by(|a, b| a == b) {
                let length = u32::try_from(run.len()).unwrap_or(0);
                if run.first() == Some(&true) {
                    let area = Rect::from_xywh(
                        x + modules_long(column, module),
                        y + modules_long(row, module),
                        modules_long(length, module),
                        module,
                    );
                    if let Some(area) = area {
                        path.push_rect(area);
                    }
                }
                column += length;
            }
        }
        if let Some(path) = path.finish() {
            self.colour(rgb::Color::black());
            self.surface.draw_path(&path);
        }
    }

    fn colour(&mut self, colour: rgb::Color) {
        self.surface.set_fill(Some(Fill {
            paint: colour.into(),
            ..Fill::default()
        }));
    }
}

/// A symbol has less than two hundred modules.
#[allow(clippy::cast_precision_loss)]
fn modules_long(count: u32, module: f32) -> f32 {
    count as f32 * module
}

fn link(areas: &[(f32, f32, f32, f32)], top: f32, url: &str) -> Option<Annotation> {
    // Nothing but a link of the web may be followed from here.
    if !url.starts_with("https://") || !url.is_ascii() {
        return None;
    }
    let quads: Vec<Quadrilateral> = areas
        .iter()
        .filter_map(|(x, y, width, height)| Rect::from_xywh(LEFT + x, top + y, *width, *height))
        .map(Quadrilateral::from)
        .collect();
    if quads.is_empty() {
        return None;
    }
    let target = Target::Action(Action::Link(LinkAction::new(url.to_owned())));
    let link = LinkAnnotation::new_with_quad_points(quads, target);
    Some(Annotation::new_link(link, Some(url.to_owned())))
}
