//! Pictures are decoded again, by a reader and against a second encoder that are not ours.

use std::io::Cursor;

use super::*;
use crate::identifier::KsefNumber;

const ONE: &str = "https://qr-test.ksef.mf.gov.pl/invoice/1111111111/01-02-2026/UtQp9Gpc51y-u3xApZjIjgkpZ01js-J8KflSPW8WzIE";

/// Links as long as those of CODE II by P-256 and RSA-2048.
fn two(signature: usize) -> String {
    let text: String = (0..signature)
        .map(|at| char::from(b'a' + (at % 26) as u8))
        .collect();
    format!(
        "https://qr-test.ksef.mf.gov.pl/certificate/NipVatUe/1111111111-DE123456789/1111111111/01635E98D9669239/UtQp9Gpc51y-u3xApZjIjgkpZ01js-J8KflSPW8WzIE/{text}"
    )
}

fn number() -> Caption {
    Caption::KsefNumber(KsefNumber::parse("5265877635-20250826-0100001AF629-AF").unwrap())
}

/// Light is `true`.
struct Picture {
    width: usize,
    height: usize,
    pixels_per_metre: (u32, u32),
    light: Vec<bool>,
}

fn read(png: &[u8]) -> Picture {
    let mut reader = png::Decoder::new(Cursor::new(png)).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut bytes).unwrap();
    assert_eq!(
        (frame.color_type, frame.bit_depth),
        (png::ColorType::Grayscale, png::BitDepth::One)
    );
    let (width, height) = (frame.width as usize, frame.height as usize);
    let light = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| bytes[y * frame.line_size + x / 8] & (0x80 >> (x % 8)) != 0)
        .collect();
    let dims = reader.info().pixel_dims.unwrap();
    Picture {
        width,
        height,
        pixels_per_metre: (dims.xppu, dims.yppu),
        light,
    }
}

/// Decodes after every pixel was blown up to `zoom`: finders need a few pixels a module.
fn decode(picture: &Picture, zoom: usize) -> String {
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(
        picture.width * zoom,
        picture.height * zoom,
        |x, y| {
            if picture.light[y / zoom * picture.width + x / zoom] {
                255
            } else {
                0
            }
        },
    );
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

#[test]
fn pictures_of_every_length_and_level_are_read_back() {
    for url in [ONE.to_owned(), two(86), two(96), two(342), two(683)] {
        for correction in [
            ErrorCorrection::L,
            ErrorCorrection::M,
            ErrorCorrection::Q,
            ErrorCorrection::H,
        ] {
            let options = Options {
                correction,
                ..Options::default()
            };
            let png = render_png(&url, &Caption::Certificate, &options).unwrap();
            assert_eq!(decode(&read(&png), 1), url, "{correction:?}");
        }
    }
}

#[test]
fn pictures_of_every_scale_and_caption_are_read_back() {
    for scale in [1, 2, 3, 4, 5, 8, 11] {
        for caption in [Caption::Offline, Caption::Certificate, number()] {
            let png = render_png(
                ONE,
                &caption,
                &Options {
                    scale,
                    ..Options::default()
                },
            )
            .unwrap();
            assert_eq!(
                decode(&read(&png), 4_usize.div_ceil(scale as usize)),
                ONE,
                "{scale}"
            );
        }
    }
}

/// The second encoder may choose another mask; both symbols have the same version and the same text.
#[test]
fn a_second_encoder_agrees_on_size_and_text() {
    for url in [ONE.to_owned(), two(86), two(342)] {
        let ours = Symbol::encode(&url, ErrorCorrection::M).unwrap();
        let theirs = qrcode::QrCode::with_error_correction_level(&url, qrcode::EcLevel::M).unwrap();
        // Theirs mixes modes and may be a version smaller, never larger.
        assert!(
            theirs.width() <= ours.width() as usize && theirs.width() + 4 >= ours.width() as usize
        );
        let (side, colours) = (theirs.width(), theirs.to_colors());
        let light = (0..(side + 8) * (side + 8))
            .map(|at| (at % (side + 8), at / (side + 8)))
            .map(|(x, y)| {
                let inside = (4..side + 4).contains(&x) && (4..side + 4).contains(&y);
                !inside || colours[(y - 4) * side + x - 4] == qrcode::Color::Light
            })
            .collect();
        let picture = Picture {
            width: side + 8,
            height: side + 8,
            pixels_per_metre: (0, 0),
            light,
        };
        assert_eq!(decode(&picture, 4), url);
        let png = render_png(&url, &Caption::Offline, &Options::default()).unwrap();
        assert_eq!(decode(&read(&png), 1), url);
    }
}

#[test]
fn a_png_knows_its_resolution_and_keeps_its_quiet_zone() {
    for caption in [Caption::Offline, number()] {
        let picture = read(&render_png(ONE, &caption, &Options::default()).unwrap());
        assert_eq!(picture.pixels_per_metre, (11_811, 11_811));
        let modules = 41;
        let left = (picture.width - modules * 6) / 2;
        for y in 0..(4 + modules + 4) * 6 {
            for x in 0..picture.width {
                let inside =
                    (left..left + modules * 6).contains(&x) && (24..24 + modules * 6).contains(&y);
                assert!(inside || picture.light[y * picture.width + x], "{x} {y}");
            }
        }
        // The caption is there, and nothing touches the edges.
        let dark = |x: usize, y: usize| !picture.light[y * picture.width + x];
        assert!((0..picture.width).any(|x| dark(x, (4 + modules + 4) * 6 + 3)));
        assert!((0..picture.height).all(|y| !dark(0, y) && !dark(picture.width - 1, y)));
        assert!((0..picture.width).all(|x| !dark(x, picture.height - 1)));
    }
}

#[test]
fn an_svg_draws_the_same_modules_and_needs_no_font() {
    let svg = render_svg(ONE, &number(), &Options::default()).unwrap();
    assert!(!svg.contains("<text") && !svg.contains("font"), "{svg}");
    assert!(svg.contains("<title>5265877635-20250826-0100001AF629-AF</title>"));
    // The number is wider than the 49 modules of 6 pixels, at 300 dpi.
    assert!(svg.contains(r#"width="325.5""#), "{}", &svg[..120]);
    assert!(svg.contains("width:27.559mm;"), "{}", &svg[..160]);
    let symbol = Symbol::encode(ONE, ErrorCorrection::M).unwrap();
    let path = svg.split(" d=\"").nth(2).unwrap();
    let path = path.split('"').next().unwrap();
    assert!(svg.contains(r#"transform="translate(106 64) scale(16)""#));
    let mut drawn = vec![false; (symbol.width() * symbol.width()) as usize];
    for run in path.split('M').skip(1) {
        let numbers: Vec<u32> = run
            .split(|c: char| !c.is_ascii_digit())
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().unwrap())
            .collect();
        for column in 0..numbers[2] {
            let (x, y) = (numbers[0] + column, numbers[1]);
            drawn[(y * symbol.width() + x) as usize] = true;
        }
    }
    assert!(symbol.rows().flatten().eq(&drawn));
}

#[test]
fn what_cannot_be_drawn_is_an_error() {
    let scaled = |scale| {
        render_png(
            ONE,
            &Caption::Offline,
            &Options {
                scale,
                ..Options::default()
            },
        )
        .map(|_| ())
    };
    assert_eq!(scaled(0), Err(CodeError::Scale));
    assert_eq!(scaled(65), Err(CodeError::Scale));
    let long = "x".repeat(3000);
    assert_eq!(
        render_png(&long, &Caption::Offline, &Options::default()),
        Err(CodeError::TooLongForSymbol)
    );
    assert_eq!(
        render_svg(&long, &Caption::Offline, &Options::default()),
        Err(CodeError::TooLongForSymbol)
    );
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let options = Options::default();
    assert_eq!(
        render_png(ONE, &number(), &options),
        render_png(ONE, &number(), &options)
    );
}
