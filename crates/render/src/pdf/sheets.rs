//! Stacking strips on sheets of paper.

use std::rc::Rc;

use super::strip::{HEIGHT, Op, Repeated, Strip};

/// A sheet: what is drawn, and from where down.
#[derive(Default)]
pub(super) struct Sheet<'a> {
    pub(super) strips: Vec<Placed<'a>>,
}

/// A strip in its place.
pub(super) struct Placed<'a> {
    pub(super) top: f32,
    pub(super) height: f32,
    pub(super) ops: Vec<Op<'a>>,
    /// The head of the table that goes on here, and where it stands.
    pub(super) head: Option<(f32, Rc<Repeated>)>,
}

/// Puts the strips on as many sheets as they need. Strips that keep together move together as long as a sheet holds them.
pub(super) fn stack(strips: Vec<Strip<'_>>) -> Vec<Sheet<'_>> {
    let groups = groups(&strips);
    let mut sheets = vec![Sheet::default()];
    let mut y = 0.0;
    let mut strips = strips.into_iter();
    for (count, height) in groups {
        let breaks = y > 0.0 && y + height > HEIGHT;
        for (place, strip) in strips.by_ref().take(count).enumerate() {
            let own = y > 0.0 && y + strip.height > HEIGHT;
            let mut head = None;
            if (place == 0 && breaks) || own {
                sheets.push(Sheet::default());
                y = 0.0;
                if let Some(repeated) = &strip.head {
                    head = Some((0.0, Rc::clone(repeated)));
                    y = repeated.height;
                }
            }
            if strip.is_space && y == 0.0 {
                continue;
            }
            if let Some(sheet) = sheets.last_mut() {
                sheet.strips.push(Placed {
                    top: y,
                    height: strip.height,
                    ops: strip.ops,
                    head,
                });
            }
            y += strip.height;
        }
    }
    sheets
}

/// Strips that keep together: how many, and how high they are with the first of what they keep to.
fn groups(strips: &[Strip<'_>]) -> Vec<(usize, f32)> {
    let mut groups = Vec::new();
    let (mut count, mut height) = (0, 0.0);
    let mut keeps = false;
    for strip in strips {
        count += 1;
        height += strip.height;
        // Space between a heading and what it stands above belongs to both.
        keeps = strip.keeps || (keeps && strip.is_space);
        if !keeps {
            groups.push((count, height));
            (count, height) = (0, 0.0);
        }
    }
    if count > 0 {
        groups.push((count, height));
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heights(sheets: &[Sheet<'_>]) -> Vec<Vec<f32>> {
        sheets
            .iter()
            .map(|sheet| sheet.strips.iter().map(|placed| placed.top).collect())
            .collect()
    }

    #[test]
    fn a_heading_goes_with_what_it_stands_above() {
        let strips = vec![
            Strip::new(HEIGHT - 30.0, Vec::new()),
            Strip::space(5.0),
            Strip::new(20.0, Vec::new()).keeping(),
            Strip::new(20.0, Vec::new()),
        ];
        assert_eq!(
            heights(&stack(strips)),
            [vec![0.0, HEIGHT - 30.0], vec![0.0, 20.0]]
        );
    }

    #[test]
    fn the_head_of_a_table_comes_again_on_every_sheet() {
        let head = Rc::new(Repeated {
            height: 10.0,
            texts: Vec::new(),
            rules: Vec::new(),
        });
        let row = || Strip {
            head: Some(Rc::clone(&head)),
            ..Strip::new(HEIGHT / 2.0 - 6.0, Vec::new())
        };
        let sheets = stack(vec![row(), row(), row(), row(), row()]);
        assert_eq!(sheets.len(), 3);
        for sheet in &sheets[1..] {
            assert!(sheet.strips[0].head.is_some() && (sheet.strips[0].top - 10.0).abs() < 0.01);
        }
        assert!(
            sheets
                .iter()
                .flat_map(|s| &s.strips)
                .all(|s| s.top + s.height <= HEIGHT)
        );
    }
}
